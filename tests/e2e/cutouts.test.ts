import { expect, type Page, test } from '@playwright/test';
import { reloadWindow } from '../support/drive-window.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';
import { resetGraphics } from '../support/reset-graphics.ts';
import { seeAtRest, waitForFrames } from '../support/see-at-rest.ts';

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
}

const CELLS = 63;

/** The colours in the middle of every pixel of the three cutouts, below their captions. */
async function coloursOf(page: Page): Promise<readonly number[]> {
  const colours: number[] = [];
  for (const pane of await page.locator('.cutout-pane .image-surface').all()) {
    const box = (await pane.boundingBox())!;
    const seen = await seeAtRest(page, box);
    const zoom = Math.floor(Math.min(box.width, box.height) / CELLS);
    expect(zoom).toBeGreaterThanOrEqual(6);
    for (let j = Math.ceil(40 / zoom); j < CELLS; j++)
      for (let i = 0; i < CELLS; i++) {
        const column = Math.floor(box.x + box.width / 2 + (i - (CELLS - 1) / 2) * zoom);
        const row = Math.floor(box.y + box.height / 2 + (j - (CELLS - 1) / 2) * zoom);
        colours.push(...seen.colourAt(column, row));
      }
  }
  return colours;
}

/** The colours as soon as each of the three cutouts is of more than one grey: what is still to come has few. */
async function waitForCutouts(page: Page): Promise<readonly number[]> {
  let colours: readonly number[] = [];
  await expect(async () => {
    colours = await coloursOf(page);
    const third = colours.length / 3;
    for (const n of [0, 1, 2])
      expect(new Set(colours.slice(n * third, (n + 1) * third)).size).toBeGreaterThan(20);
  }).toPass({ timeout: 60_000 });
  return colours;
}

/** To one level, as soon as all has come. */
async function expectSame(page: Page): Promise<void> {
  await expect(async () => {
    const found = await coloursOf(page);
    expect(found.length).toBe(drawn.length);
    const worst = found.reduce((most, level, i) => Math.max(most, Math.abs(level - drawn[i]!)), 0);
    expect(worst).toBeLessThanOrEqual(1);
  }).toPass({ timeout: 60_000 });
}

test('the graphics card draws the triplet, of more than one grey', async () => {
  const page = await served.open();
  await openLabelling(page);
  drawn = await waitForCutouts(page);
  await expect(page.locator('.painted-cutout')).toHaveCount(0);
  await page.context().close();
});

test('keys soon after one another draw one frame each, and none when they have ended', async () => {
  const page = await served.open();
  await openLabelling(page);
  // What both candidates ask for comes with the first look at them.
  await expectSame(page);
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.top-bar .mono').first()).toHaveText('2/230');
  expect(await waitForCutouts(page)).not.toEqual(drawn);
  await page.keyboard.press('ArrowLeft');
  await expectSame(page);
  await page.evaluate(() => {
    const frames = new Set<unknown>();
    const { clear } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.clear = function (bits) {
      frames.add(document.timeline.currentTime);
      clear.call(this, bits);
    };
    Object.assign(globalThis, { drawnFrames: frames });
  });
  const frames = () => page.evaluate(() => (Reflect.get(globalThis, 'drawnFrames') as Set<unknown>).size);
  for (const [n, key] of ['ArrowRight', 'ArrowLeft'].entries()) {
    await page.keyboard.press(key);
    await expect.poll(frames).toBe(n + 1);
  }
  await page.waitForTimeout(600);
  await waitForFrames(page);
  expect(await frames()).toBe(2);
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
  await reloadWindow(page);
  await page.locator('.run-row').nth(1).waitFor();
  await openLabelling(page);
  await expect(page.locator('.status-bar')).toContainText('no WebGL2');
  await expect(page.locator('.painted-cutout')).toHaveCount(3);
  await expectSame(page);
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.top-bar .mono').first()).toHaveText('2/230');
  await page.context().close();
});

test('a card that has forgotten everything twice is not waited for again', async () => {
  const page = await served.open();
  await openLabelling(page);
  for (const losses of [1, 2]) {
    await resetGraphics(page);
    await expect(page.locator('.painted-cutout')).toHaveCount(losses === 1 ? 0 : 3);
    if (losses === 1) await expectSame(page);
  }
  await page.locator('.graphics-banner button').click();
  await expect(page.locator('.graphics-banner')).toHaveCount(0);
  await expectSame(page);
});
