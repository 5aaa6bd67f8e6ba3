import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';

// Cutouts have to be seen on any machine: by the graphics card, without one, and when it keeps forgetting.
test.describe.configure({ mode: 'serial' });

let served: ServedField;
let drawn: readonly number[];

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
});

test.afterAll(() => served.close());

async function openLabelling(page: Page): Promise<void> {
  await page.keyboard.press('Shift+Enter');
  await expect(page.locator('.cutout-pane')).toHaveCount(3);
  await page.mouse.move(5, 760);
  await page.waitForTimeout(1500);
}

const CELLS = 63;

/** The colours in the middle of every pixel of the three cutouts, below their captions. */
async function coloursOf(page: Page): Promise<readonly number[]> {
  const { data, width, channels } = decode(await page.screenshot());
  const colours: number[] = [];
  for (const pane of await page.locator('.cutout-pane .image-surface').all()) {
    const box = (await pane.boundingBox())!;
    const zoom = Math.floor(Math.min(box.width, box.height) / CELLS);
    expect(zoom).toBeGreaterThanOrEqual(6);
    for (let j = Math.ceil(40 / zoom); j < CELLS; j++)
      for (let i = 0; i < CELLS; i++) {
        const column = Math.floor(box.x + box.width / 2 + (i - (CELLS - 1) / 2) * zoom);
        const row = Math.floor(box.y + box.height / 2 + (j - (CELLS - 1) / 2) * zoom);
        const at = (row * width + column) * channels;
        colours.push(data[at]!, data[at + 1]!, data[at + 2]!);
      }
  }
  return colours;
}

function expectSame(found: readonly number[]): void {
  expect(found.length).toBe(drawn.length);
  const worst = found.reduce((most, level, i) => Math.max(most, Math.abs(level - drawn[i]!)), 0);
  expect(worst).toBeLessThanOrEqual(1);
}

test('the graphics card draws the triplet, of more than one grey', async () => {
  const page = await served.open();
  await openLabelling(page);
  await expect(page.locator('.painted-cutout')).toHaveCount(0);
  drawn = await coloursOf(page);
  expect(new Set(drawn).size).toBeGreaterThan(20);
  await page.context().close();
});

test('keys soon after one another draw one frame each, and none when they have ended', async () => {
  const page = await served.open();
  await openLabelling(page);
  // What both candidates ask for comes with the first look at them.
  for (const key of ['ArrowRight', 'ArrowLeft']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(1000);
  }
  await page.evaluate(() => {
    const frames = new Set<unknown>();
    const { clear } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.clear = function (bits) {
      frames.add(document.timeline.currentTime);
      clear.call(this, bits);
    };
    Object.assign(globalThis, { drawnFrames: frames });
  });
  for (const key of ['ArrowRight', 'ArrowLeft']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(150);
  }
  await page.waitForTimeout(600);
  expect(await page.evaluate(() => (Reflect.get(globalThis, 'drawnFrames') as Set<unknown>).size)).toBe(2);
  await page.context().close();
});

test('without WebGL2 the processor paints the same, to one level, and keys label as ever', async () => {
  const page = await served.open();
  await page.addInitScript(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...asked: unknown[]) {
      return asked[0] === 'webgl2' ? null : Reflect.apply(getContext, this, asked);
    } as typeof getContext;
  });
  await page.reload();
  await page.locator('.run-row').nth(1).waitFor();
  await openLabelling(page);
  await expect(page.locator('.status-bar')).toContainText('no WebGL2');
  await expect(page.locator('.painted-cutout')).toHaveCount(3);
  expectSame(await coloursOf(page));
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.top-bar .mono').first()).toHaveText('2/230');
  await page.context().close();
});

test('a card that has forgotten everything twice is not waited for again', async () => {
  const page = await served.open();
  await openLabelling(page);
  for (const losses of [1, 2]) {
    await page.evaluate(async () => {
      const gl = document.querySelector<HTMLCanvasElement>('.viewer-canvas')!.getContext('webgl2')!;
      const loss = gl.getExtension('WEBGL_lose_context')!;
      loss.loseContext();
      await new Promise((resolve) => setTimeout(resolve, 200));
      loss.restoreContext();
    });
    await expect(page.locator('.painted-cutout')).toHaveCount(losses === 1 ? 0 : 3);
    await page.waitForTimeout(800);
    if (losses === 1) expectSame(await coloursOf(page));
  }
  await page.locator('.graphics-banner button').click();
  await page.waitForTimeout(300);
  expectSame(await coloursOf(page));
});
