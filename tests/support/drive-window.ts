import { expect, type Page } from '@playwright/test';

/** Load the window anew, until it has its settings and shows a screen: keys pressed before that are lost. */
export async function reloadWindow(page: Page): Promise<void> {
  const settings = page.waitForResponse(
    (answer) => new URL(answer.url()).pathname === '/api/v1/settings' && answer.request().method() === 'GET',
  );
  await page.reload();
  await (await settings).finished();
  await page.locator('.rail').waitFor();
  await page.locator('.screen:not([aria-busy="true"])').first().waitFor();
}

/**
 * Go on to the layout of so many images, wherever the session was left.
 *
 * A layout that comes back from the session after the first look is seen by the second.
 */
export async function showPanes(page: Page, count: number): Promise<void> {
  const panes = page.locator('.pane-caption');
  await panes.first().waitFor();
  await expect(async () => {
    if ((await panes.count()) !== count) await page.keyboard.press('v');
    await expect(panes).toHaveCount(count, { timeout: 2000 });
  }).toPass({ timeout: 45_000 });
}

/**
 * Let the image blink by B until it has changed often enough.
 *
 * @returns how long after the key each change came, ms
 */
export async function watchBlinking(page: Page, changes: number): Promise<readonly number[]> {
  await page.evaluate((wanted) => {
    const name = document.querySelector('.pane-caption > span')!;
    let pressedAt = Number.NaN;
    window.addEventListener('keydown', () => (pressedAt = performance.now()), { once: true, capture: true });
    const watched = new Promise<readonly number[]>((resolve) => {
      const times: number[] = [];
      const observer = new MutationObserver(() => {
        times.push(performance.now() - pressedAt);
        if (times.length < wanted) return;
        observer.disconnect();
        resolve(times);
      });
      observer.observe(name, { characterData: true, childList: true, subtree: true });
    });
    Object.assign(globalThis, { watched });
  }, changes);
  await page.keyboard.press('b');
  const times = await page.evaluate(() => Reflect.get(globalThis, 'watched') as Promise<readonly number[]>);
  await page.keyboard.press('b');
  return times;
}
