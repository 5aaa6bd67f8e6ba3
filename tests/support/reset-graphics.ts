import type { Page } from '@playwright/test';

/** Take the graphics card's memory away from the images, and give it back: when it answers, they know of both. */
export async function resetGraphics(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const canvas = document.querySelector<HTMLCanvasElement>('.viewer-canvas')!;
    const loss = canvas.getContext('webgl2')!.getExtension('WEBGL_lose_context')!;
    const hear = (name: string) =>
      new Promise((resolve) => canvas.addEventListener(name, resolve, { once: true }));
    const lost = hear('webglcontextlost');
    loss.loseContext();
    await lost;
    // What is lost may be given back when all have been told, not before.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const restored = hear('webglcontextrestored');
    loss.restoreContext();
    await restored;
  });
}
