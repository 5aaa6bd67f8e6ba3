import { join } from 'node:path';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import { type ServedWorkspace, serveWorkspace } from '../support/serve-workspace.ts';
import { writeImage } from '../support/write-image.ts';

// One window looks at one file after another.
test.describe.configure({ mode: 'serial' });

/** Larger than what is kept in memory whole: its pixels are fetched as they are needed. */
const SIZE = { width: 2600, height: 2000 };
const valueAt = (x: number, y: number): number => 500 + x + 2 * y;
const HIGHEST = valueAt(SIZE.width - 1, SIZE.height - 1);

let served: ServedWorkspace;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  served = await serveWorkspace();
  browser = await chromium.launch(test.info().project.use.launchOptions);
  page = await open();
  const path = join(served.folder, 'plane.fits');
  writeImage(path, SIZE, { BUNIT: 'adu' }, valueAt);
  await look(path);
  await expect(page.locator('.image-name')).toHaveText('plane.fits');
  await page.keyboard.press('m');
  await expect(page.locator('.pane-caption')).toContainText(`500 … ${HIGHEST} adu`, { timeout: 60_000 });
});

test.afterAll(async () => {
  await browser.close();
  await served.close();
});

/** A window; `script` runs before all else in it. */
async function open(script?: () => void): Promise<Page> {
  const opened = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
  if (script !== undefined) await opened.addInitScript(script);
  await opened.goto(served.address);
  await opened.locator('.rail-button').first().waitFor();
  return opened;
}

async function look(path: string, on = page): Promise<void> {
  await on.keyboard.press('Control+o');
  await on.getByLabel('FITS file').fill(path);
  await on.keyboard.press('Enter');
}

async function boxOf(selector: string): Promise<{ x: number; y: number; width: number; height: number }> {
  return (await page.locator(selector).first().boundingBox())!;
}

const fact = (name: string) =>
  page
    .locator('.tool-facts > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd');

/** The column of the pixel under a place of the screen, as the status bar tells it. */
async function columnUnder(x: number, y: number): Promise<number> {
  await page.mouse.move(x, y);
  const told = page.locator('#status-slot');
  await expect(told).toContainText(/x [\d.]+ y/);
  return Number(/x ([\d.]+) y/.exec((await told.textContent())!)![1]);
}

test('a click in the panner goes to its place, at any size of the window, and the image stays turned', async () => {
  await page.keyboard.press('Control+=');
  await page.keyboard.press('Control+=');
  await page.locator('[data-region="images"]').focus();
  await page.keyboard.press('1');
  await page.keyboard.press('x');
  const panner = await boxOf('.side-view .image-surface[aria-label^="Panner"]');
  const at = { x: panner.x + panner.width * 0.3, y: panner.y + panner.height * 0.35 };
  await page.mouse.click(at.x, at.y);
  await expect(async () => {
    const frame = await boxOf('.panner-frame');
    expect(Math.abs(frame.x + frame.width / 2 - at.x)).toBeLessThan(3);
    expect(Math.abs(frame.y + frame.height / 2 - at.y)).toBeLessThan(3);
  }).toPass({ timeout: 30_000 });
  const pane = await boxOf('.field-pane .image-surface');
  const middle = { x: pane.x + pane.width / 2, y: pane.y + pane.height / 2 };
  await expect(async () => {
    const left = await columnUnder(middle.x - 100, middle.y);
    const right = await columnUnder(middle.x + 100, middle.y);
    // Left and right are exchanged: further right is a smaller column.
    expect(Math.abs(left - right - 200)).toBeLessThan(2);
  }).toPass({ timeout: 30_000 });
});

test('limits in the histogram are where the hand drags them, at any size of the window', async () => {
  await page.keyboard.press('u');
  const limit = page.locator('.tool-plot-limit').nth(1);
  // A line that stands upright has no width, and counts as hidden.
  const middleOf = (): Promise<number> => limit.evaluate((line) => line.getBoundingClientRect().x);
  await expect(limit).toBeAttached();
  const from = await middleOf();
  const plot = await boxOf('.tool-plot-drag svg');
  const y = plot.y + plot.height / 2;
  await page.mouse.move(from, y);
  await page.mouse.down();
  await page.mouse.move(from - 40, y, { steps: 4 });
  await page.mouse.up();
  await expect(page.locator('.pane-caption')).toContainText('user');
  await expect.poll(async () => Math.abs((await middleOf()) - (from - 40))).toBeLessThan(2);
  await page.keyboard.press('Control+0');
});

test('a region that is dragged tells what it held until its new pixels have come', async () => {
  await page.locator('[data-region="images"]').focus();
  await page.keyboard.press('`');
  await page.keyboard.press('1');
  await page.keyboard.press('Shift+R');
  await expect(page.locator('.regions-panel')).toBeVisible();
  const pane = await boxOf('.field-pane .image-surface');
  const [x, y] = [pane.x + pane.width / 2, pane.y + pane.height / 2];
  await page.keyboard.down('Alt');
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 10, y);
  await page.mouse.move(x + 20, y);
  await page.mouse.up();
  await page.keyboard.up('Alt');
  await expect(fact('n')).toContainText(/^1[12]\d\d px/);
  const held = [await fact('n').textContent(), await fact('mean').textContent()];
  const waiting: (() => void)[] = [];
  let isHeld = true;
  await page.route(/\/pixels\?/, async (route) => {
    if (isHeld) await new Promise<void>((resolve) => waiting.push(resolve));
    await route.continue();
  });
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 30, y + 15, { steps: 3 });
  await page.mouse.move(x + 60, y + 30, { steps: 3 });
  await page.mouse.up();
  await expect.poll(() => waiting.length).toBeGreaterThan(0);
  const place = await fact('x, y').textContent();
  for (let i = 0; i < 5; i++) {
    expect([await fact('n').textContent(), await fact('mean').textContent()]).toEqual(held);
    await page.waitForTimeout(100);
  }
  isHeld = false;
  for (const go of waiting) go();
  const [column, row] = place!.split(', ').map((text) => Number(text) - 1) as [number, number];
  const miss = async () =>
    Math.abs(Number((await fact('mean').textContent())!.split(' ')[0]) - valueAt(column, row));
  await expect.poll(miss).toBeLessThan(2);
});

test('a number is kept as it is typed, with all its digits', async () => {
  await page.keyboard.press('Shift+A');
  const field = page.getByRole('textbox', { name: 'aperture' });
  await field.fill('12.3456789');
  await field.blur();
  await expect(field).toHaveValue('12.3456789');
  await field.fill('none');
  await field.blur();
  await expect(field).toHaveValue('12.3457');
});

test('an image whose file was written again is read again as it is now', async () => {
  const path = join(served.folder, 'again.fits');
  writeImage(path, SIZE, { BUNIT: 'adu' }, valueAt);
  await look(path);
  await expect(page.locator('.image-name')).toHaveText('again.fits');
  await page.locator('[data-region="images"]').focus();
  await page.keyboard.press('m');
  await expect(page.locator('.pane-caption')).toContainText(`500 … ${HIGHEST} adu`, { timeout: 60_000 });
  writeImage(path, SIZE, { BUNIT: 'adu', NOTE: 'again' }, (x, y) => valueAt(x, y) + 10_000);
  // Tiles that are not in memory are asked for: the core says that the file is another now.
  await page.keyboard.press('1');
  await expect(page.locator('.pane-notice')).toContainText('could not be read');
  await page.keyboard.press('F5');
  await expect(page.locator('.pane-caption')).toContainText(`10500 … ${HIGHEST + 10_000} adu`, {
    timeout: 60_000,
  });
  await expect(page.locator('.pane-notice')).toHaveCount(0);
});

test('an image that could not be read comes by itself when the core is back', async () => {
  const path = join(served.folder, 'away.fits');
  writeImage(path, SIZE, { BUNIT: 'adu' }, valueAt);
  const other = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
  let isAway = true;
  await other.route(/\/pixels\?|\/api\/v1\/events/, (route) => (isAway ? route.abort() : route.continue()));
  await other.goto(served.address);
  await expect(other.locator('.status-bar')).toContainText('no core');
  await look(path, other);
  await expect(other.locator('.pane-notice')).toContainText('could not be read');
  isAway = false;
  await expect(other.locator('.pane-caption')).toContainText('adu', { timeout: 60_000 });
  await expect(other.locator('.pane-notice')).toHaveCount(0);
  await other.context().close();
});

test('what was drawn roughly is drawn well when it rests, however slow frames are', async () => {
  const slow = await open(() => {
    // Frames come every 400 ms, and all that waits for one comes with it.
    const due: FrameRequestCallback[] = [];
    window.requestAnimationFrame = (callback) => due.push(callback);
    window.cancelAnimationFrame = () => undefined;
    setInterval(() => {
      for (const callback of due.splice(0)) callback(performance.now());
    }, 400);
  });
  const path = join(served.folder, 'board.fits');
  writeImage(path, { width: 1200, height: 900 }, { BUNIT: 'adu' }, (x, y) => ((x + y) % 2) * 1000);
  await look(path, slow);
  await expect(slow.locator('.pane-caption')).toContainText('adu');
  await slow.locator('[data-region="images"]').focus();
  await slow.keyboard.press('m');
  await slow.keyboard.press('1');
  await slow.waitForTimeout(1000);
  // Each in a frame of its own, so that the later ones are motion.
  for (let i = 0; i < 3; i++) {
    await slow.keyboard.press('-');
    await slow.waitForTimeout(410);
  }
  const pane = (await slow.locator('.field-pane .image-surface').boundingBox())!;
  const clip = { x: pane.x + pane.width / 2 - 50, y: pane.y + pane.height / 2 - 50, width: 100, height: 100 };
  const partInBetween = async (): Promise<number> => {
    const { data, channels } = decode(await slow.screenshot({ clip }));
    let count = 0;
    for (let i = 0; i < data.length; i += channels) if (data[i]! > 20 && data[i]! < 235) count++;
    return count / (data.length / channels);
  };
  // Black and white alone are single pixels; their means are grey.
  await expect.poll(partInBetween).toBeGreaterThan(0.5);
  await slow.close();
});
