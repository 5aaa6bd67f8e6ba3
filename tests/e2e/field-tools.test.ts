import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import { reloadWindow, showPanes } from '../support/drive-window.ts';
import { FIELD, pixelOf } from '../support/known-field.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';

// One page is worked on from test to test, as a person would.
test.describe.configure({ mode: 'serial', timeout: 180_000 });

let served: ServedField;
let page: Page;
let box: { x: number; y: number; width: number; height: number };

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
  page = await served.open();
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /^Science image/ }).waitFor();
  await page.keyboard.press('t');
  await lookClosely();
  await page.keyboard.press('Shift+R');
  box = (await page.locator('.image-surface').first().boundingBox())!;
});

test.afterAll(() => served.close());

/** One pane, a pixel a pixel: places are known. */
async function lookClosely(): Promise<void> {
  await showPanes(page, 1);
  await expect(page.locator('.pane-caption')).toContainText('e-');
  await page.keyboard.press('`');
  await page.keyboard.press('1');
}

/** Where a place of the image is on the page, at 1:1. */
function onPage(x: number, y: number): { x: number; y: number } {
  return {
    x: box.x + box.width / 2 + (x - (FIELD.width - 1) / 2),
    y: box.y + box.height / 2 - (y - (FIELD.height - 1) / 2),
  };
}

async function drag(from: [number, number], to: [number, number], key?: 'Alt'): Promise<void> {
  const [start, end] = [onPage(...from), onPage(...to)];
  if (key !== undefined) await page.keyboard.down(key);
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2);
  await page.mouse.move(end.x, end.y);
  await page.mouse.up();
  if (key !== undefined) await page.keyboard.up(key);
}

const rows = (): Locator => page.locator('.region-row');
const fact = (name: string): Locator =>
  page
    .locator('.tool-facts > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd');

/** A number that is told; none while there is none. */
async function value(name: string): Promise<number> {
  const [text] = await fact(name).allTextContents();
  return text === undefined ? Number.NaN : Number(text.split(' ')[0]);
}

/** The mean that is told, less that of the plane in the middle that is told. */
async function missOfMean(): Promise<number> {
  const [mean, place] = [await fact('mean').textContent(), await fact('x, y').textContent()];
  const [x, y] = place!.split(', ').map((text) => Number(text) - 1) as [number, number];
  return Math.abs(Number(mean!.split(' ')[0]) - pixelOf('science', x, y));
}

async function save(key: string): Promise<{ name: string; bytes: Buffer }> {
  await page.keyboard.press('Control+e');
  const download = page.waitForEvent('download');
  await page.keyboard.press(key);
  const file = await download;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('a region is drawn, measured, moved, and taken back with what was done to it', async () => {
  await drag([300, 200], [320, 200], 'Alt');
  await expect(rows()).toHaveCount(1);
  // The area of 20 px; half a screen pixel of the hand is 63 px of its rim.
  await expect
    .poll(async () => Math.abs((await value('n')) - Math.PI * 400), { message: 'pixels' })
    .toBeLessThan(80);
  // The image is a plane: the mean over a circle is the value in its middle, but for pixels at its rim.
  await expect.poll(missOfMean).toBeLessThan(0.3);
  const drawn = await fact('x, y').textContent();
  await drag([300, 200], [340, 230]);
  await expect(fact('x, y')).not.toHaveText(drawn!);
  await expect.poll(missOfMean).toBeLessThan(0.3);
  const moved = await fact('x, y').textContent();
  await page.keyboard.press('Control+z');
  await expect(fact('x, y')).toHaveText(drawn!);
  await page.keyboard.press('Control+z');
  await expect(rows()).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await page.keyboard.press('Control+Shift+z');
  await expect(rows()).toContainText([moved!]);
});

test('a region file is opened, and goes out as it came in, with what was drawn', async () => {
  const text =
    '# Region file format: DS9 version 4.1\nglobal color=cyan\nicrs\n' +
    'box(149.98,2.02,36",18",0) # text={box one} tag={a} tag={b}\nhexagon(1,2,3)\n';
  // On a busy machine no chooser came of the first key, now and then: then again.
  await expect(async () => {
    const chooser = page.waitForEvent('filechooser', { timeout: 5_000 });
    await page.keyboard.press('Control+i');
    await (await chooser).setFiles({ name: 'two.reg', mimeType: 'text/plain', buffer: Buffer.from(text) });
  }).toPass({ timeout: 40_000 });
  await expect(rows()).toHaveCount(2);
  await expect(rows().nth(1)).toContainText('box one');
  await expect(page.getByText('1 more line is kept and not drawn')).toBeVisible();
  const { name, bytes } = await save('r');
  expect(name).toBe('known-science.reg');
  const written = bytes.toString();
  for (const line of text.split('\n').slice(1)) expect(written).toContain(line);
  // 340 px west and 230 north of the first pixel, 20 px large.
  expect(written).toMatch(/^circle\(9:59:51\.\d+,\+2:01:2\d\.\d+,7\.[12]\d*"\)$/m);
  // Closed and opened again, the window still has them.
  await reloadWindow(page);
  await lookClosely();
  if ((await rows().count()) === 0) await page.keyboard.press('Shift+R');
  await expect(rows()).toHaveCount(2);
});

test('a typed place is found, and one that can be read in two ways is asked about', async () => {
  await page.keyboard.press('Shift+G');
  await page.keyboard.type('x 101 y 51');
  await page.keyboard.press('Enter');
  await expect(page.locator('.readout-pixel')).toHaveText('x 101.0 y 51.0');
  await expect(page.locator('.readout-value')).toHaveText(`${pixelOf('science', 100, 50).toFixed(2)} e-`);
  await page.keyboard.press('Shift+G');
  await page.keyboard.type('149:59:24 02:00:36');
  await expect(page.getByText('Which is meant?')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Alt+1');
  // 36 arcsec west and north of the first pixel are 100 px.
  await expect(page.locator('.readout-pixel')).toHaveText('x 101.0 y 101.0');
  await page.keyboard.press('Shift+S');
  await expect(page.getByText('149.99000 +2.01000')).toBeVisible();
});

test('cut, source, histogram and pixels say what the pixels are', async () => {
  // Back to the middle.
  await page.keyboard.press('`');
  await page.keyboard.press('1');
  await page.keyboard.press('Shift+C');
  await drag([200, 250], [400, 250]);
  // Hands are right to a pixel. While the hand is on its way, and until the pixels come, the line is another.
  await expect(async () => {
    const [lowest, highest] = [await value('lowest'), await value('highest')];
    expect(Math.abs(lowest - pixelOf('science', 200, 250))).toBeLessThan(4);
    expect(Math.abs(highest - pixelOf('science', 400, 250))).toBeLessThan(4);
    expect(Math.abs(highest - lowest - 200)).toBeLessThan(0.5);
  }).toPass({ timeout: 30_000 });
  await page.keyboard.press('Shift+A');
  const { x, y } = onPage(250, 300);
  await page.mouse.click(x, y);
  // A plane less its own sky is nothing.
  await expect(fact('flux')).toHaveText(/^0 ± \d+ e-$/);
  await expect
    .poll(async () => Math.abs((await value('sky')) - pixelOf('science', 250, 300)))
    .toBeLessThan(4);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+X');
  await page.mouse.move(x, y);
  await expect(async () => {
    const under = (await page.locator('.pane-value').textContent({ timeout: 1000 }))!;
    await expect(page.locator('.pixel-here')).toHaveText(under, { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  await page.keyboard.press('u');
  await expect(page.getByRole('img', { name: /^Histogram/ })).toBeVisible();
});

test('the picture of a pane has the image and what lies over it', async () => {
  await page.keyboard.press('Control+g');
  const { name, bytes } = await save('p');
  expect(name).toBe('known-science.png');
  const picture = decode(bytes);
  const pane = (await page.locator('.image-surface').first().boundingBox())!;
  expect([picture.width, picture.height]).toEqual([Math.round(pane.width), Math.round(pane.height)]);
  // Greys are the image, colours are regions: both are there.
  let [greys, colours] = [0, 0];
  for (let i = 0; i < picture.data.length; i += picture.channels) {
    const [red, green, blue] = picture.data.slice(i, i + 3);
    if (red === green && green === blue && red! > 20) greys++;
    else if (Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!) > 60) colours++;
  }
  expect(greys).toBeGreaterThan(50_000);
  expect(colours).toBeGreaterThan(50);
});

test('a cutout of the chosen region is a FITS file of its pixels', async () => {
  await page.keyboard.press('Shift+R');
  await rows().first().click();
  const [x, y] = (await fact('x, y').textContent())!.split(', ').map((text) => Math.round(Number(text)) - 1);
  const { name, bytes } = await save('f');
  expect(name).toMatch(/^known-science-\d+-\d+\.fits$/);
  const card = (keyword: string): number =>
    Number(new RegExp(`${keyword.padEnd(8)}= *(\\S+)`).exec(bytes.toString('latin1', 0, 2880))![1]);
  const [left, bottom, width] = [-card('LTV1'), -card('LTV2'), card('NAXIS1')];
  const value = bytes.readFloatBE(2880 + 4 * ((y! - bottom) * width + x! - left));
  expect(value).toBe(pixelOf('science', x!, y!));
  // A circle of 20 px and a margin.
  expect(Math.abs(width - 43)).toBeLessThan(4);
});

test('nothing serious stands between a person and lists, fields and header', async () => {
  for (const key of ['Shift+R', 'Shift+N', 'Shift+F']) {
    await page.keyboard.press(key);
    if (!(await page.locator('.tool-box').isVisible())) await page.keyboard.press(key);
    await page.locator('.tool-box').waitFor();
    const { violations } = await new AxeBuilder({ page }).include('.tool-strip').analyze();
    const barriers = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(barriers.map(({ id, nodes }) => `${key} ${id}: ${nodes[0]!.html}`)).toEqual([]);
  }
});
