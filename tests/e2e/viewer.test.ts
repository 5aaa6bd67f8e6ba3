import { expect, type Locator, type Page, test } from '@playwright/test';
import { reloadWindow, showPanes, watchBlinking } from '../support/drive-window.ts';
import { FIELD, pixelOf } from '../support/known-field.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';
import { resetGraphics } from '../support/reset-graphics.ts';
import { seeAtRest } from '../support/see-at-rest.ts';

// One context has one camera: what these tests look at is where the camera was left.
test.describe.configure({ mode: 'serial' });

let served: ServedField;
let page: Page;

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
  page = await served.open();
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /^Science image/ }).waitFor();
  // One pane, markers off, smallest to largest.
  await showPanes(page, 1);
  for (const key of ['t', 'm']) await page.keyboard.press(key);
  await expect(page.locator('.pane-caption')).toContainText('min–max');
  await expect(page.locator('.pane-caption')).toContainText('e-');
});

test.afterAll(() => served.close());

/** What the screen shows, and the place of the image that lies under the middle of that pixel of the screen. */
interface Shown {
  readonly colour: readonly [number, number, number];
  readonly x: number;
  readonly y: number;
}

async function coloursAt(places: readonly { x: number; y: number }[], zoom: number): Promise<Shown[]> {
  await page.mouse.move(5, 760);
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  const seen = await seeAtRest(page, box);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  return places.map(({ x, y }) => {
    const column = Math.floor(middle.x + (x - (FIELD.width - 1) / 2) * zoom);
    const row = Math.floor(middle.y - (y - (FIELD.height - 1) / 2) * zoom);
    return {
      colour: seen.colourAt(column, row),
      x: (FIELD.width - 1) / 2 + (column + 0.5 - middle.x) / zoom,
      y: (FIELD.height - 1) / 2 + (middle.y - row - 0.5) / zoom,
    };
  });
}

const LO = 100;
const HI = 100 + 699 + 2 * 499;
const fractionAt = (x: number, y: number): number => (pixelOf('science', x, y) - LO) / (HI - LO);

/** Places on several tiles, away from captions and the hole. */
const PLACES = [
  { x: 40, y: 30 },
  { x: 255, y: 255 },
  { x: 256, y: 256 },
  { x: 350, y: 120 },
  { x: 513, y: 300 },
  { x: 690, y: 20 },
];

/** To one level: a reduced image shows the mean around the middle of the screen's pixel, else the pixel under it. */
async function expectGreys(zoom: number, index: (fraction: number) => number): Promise<void> {
  const near = (at: number): number[] =>
    // A middle that lies between two pixels may show either.
    zoom < 1 ? [at] : [Math.round(at - 1e-6), Math.round(at + 1e-6)];
  // What a key has asked for may come only after the first look.
  await expect(async () => {
    for (const { colour, x, y } of await coloursAt(PLACES, zoom)) {
      const [red, green, blue] = colour;
      expect(red).toBe(green);
      expect(green).toBe(blue);
      const errors = near(x).flatMap((i) =>
        near(y).map((j) => Math.abs(red - 255 * Math.min(1, Math.max(0, index(fractionAt(i, j)))))),
      );
      expect(Math.min(...errors), `pixel ${x}, ${y}`).toBeLessThanOrEqual(1);
    }
  }).toPass({ timeout: 60_000 });
}

test('at 1:1 every pixel has the grey that DS9 gives it, to one level', async () => {
  await page.keyboard.press('1');
  await expectGreys(1, (x) => x);
});

test('a reduced image shows the mean over each screen pixel, across tiles', async () => {
  await page.keyboard.press('1');
  for (let i = 0; i < 5; i++) await page.keyboard.press('-');
  // Five times 1.2: 0.4 screen pixels to an image pixel, read from the level that is half as large.
  await expectGreys(1.2 ** -5, (x) => x);
});

test('pixels without a value have a colour of their own, never black', async () => {
  await page.keyboard.press('1');
  const { x, y, side } = FIELD.hole;
  await expect(async () => {
    const [inside] = await coloursAt([{ x: x + side / 2, y: y + side / 2 }], 1);
    expect(inside!.colour).toEqual([0x2b, 0x3a, 0x52]);
  }).toPass({ timeout: 60_000 });
});

test('inverting and the stretches follow their formulas', async () => {
  await page.keyboard.press('i');
  await expectGreys(1, (x) => 1 - x);
  await page.keyboard.press('i');
  await page.keyboard.press('e');
  for (const formula of [
    (x: number) => Math.log10(1000 * x + 1) / 3,
    (x: number) => (1000 ** x - 1) / 1000,
    Math.sqrt,
    (x: number) => x * x,
    (x: number) => Math.asinh(10 * x) / 3,
    (x: number) => Math.sinh(3 * x) / 10,
  ]) {
    await expectGreys(1, formula);
    await page.keyboard.press('e');
  }
  // A sample of 65 536 pixels gives ranks to a thousandth; the curve is straight over a thousandth of the range.
  const values = Array.from({ length: FIELD.width * FIELD.height }, (_, i) =>
    fractionAt(i % FIELD.width, Math.floor(i / FIELD.width)),
  ).filter(Number.isFinite);
  await expectGreys(1, (x) => values.filter((value) => value <= x).length / values.length);
  await page.keyboard.press('e');
  await expectGreys(1, (x) => x);
});

test('a right-button drag sets contrast and bias by where it is in the pane, as in DS9', async () => {
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  for (const [across, down] of [
    [0.6, 0.95],
    [0.25, 0.2],
  ] as const) {
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down({ button: 'right' });
    // The mouse stands on whole pixels, and contrast and bias are those of where it stands.
    const at = { x: Math.round(box.x + across * box.width), y: Math.round(box.y + down * box.height) };
    await page.mouse.move(at.x, at.y, { steps: 4 });
    await page.mouse.up({ button: 'right' });
    const bias = (at.x - box.x) / box.width;
    const contrast = (10 * (at.y - box.y)) / box.height;
    await expect(page.getByTitle('Contrast and bias as they were')).toContainText(contrast.toFixed(1));
    await expectGreys(1, (x) => (x - bias) * contrast + 0.5);
  }
  await page.keyboard.press('r');
  await expectGreys(1, (x) => x);
});

test('the readout counts pixels from one at their centres and gives value and sky of that place', async () => {
  await page.keyboard.press('1');
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  const status = page.locator('#status-slot');
  for (const [column, row] of [
    [0, 0],
    [698, 498],
    [123, 456],
  ] as const) {
    await page.mouse.move(
      Math.round(box.x + box.width / 2 + column - (FIELD.width - 1) / 2),
      Math.round(box.y + box.height / 2 - row + (FIELD.height - 1) / 2),
    );
    await expect(status).toContainText(/x [\d.]+ y [\d.]+/);
    const text = (await status.textContent())!;
    const [, x, y] = text.match(/x ([\d.]+) y ([\d.]+)/)!.map(Number) as [number, number, number];
    // The mouse stands on whole screen pixels: up to half an image pixel from the centre at this zoom.
    expect(Math.abs(x - (column + 1))).toBeLessThanOrEqual(0.51);
    expect(Math.abs(y - (row + 1))).toBeLessThanOrEqual(0.51);
    expect(text).toContain(`${pixelOf('science', Math.round(x) - 1, Math.round(y) - 1).toFixed(1)}`);
    const [, h, m, s, d, dm, ds] = text
      .match(/(\d\d):(\d\d):(\d\d\.\d+) \+(\d\d):(\d\d):(\d\d\.\d+)/)!
      .map(Number);
    const raDeg = 15 * (h! + m! / 60 + s! / 3600);
    const decDeg = d! + dm! / 60 + ds! / 3600;
    // The centre of pixel (1, 1) is the reference position; x and y are shown to a tenth of a pixel.
    const tolerance = (0.06 * FIELD.scaleArcsec) / 3600;
    expect(Math.abs(raDeg - (FIELD.raDeg - ((x - 1) * FIELD.scaleArcsec) / 3600))).toBeLessThan(tolerance);
    expect(Math.abs(decDeg - (FIELD.decDeg + ((y - 1) * FIELD.scaleArcsec) / 3600))).toBeLessThan(tolerance);
  }
});

test('limits are typed, and what would turn the image round is not taken', async () => {
  await page.keyboard.press('1');
  await page.getByRole('button', { name: 'limits' }).click();
  const [low, high] = (['low', 'high'] as const).map((name) => page.getByRole('textbox', { name })) as [
    Locator,
    Locator,
  ];
  await low.fill('100');
  await high.fill('300');
  await expect(page.locator('.pane-caption')).toContainText('user');
  await high.fill('50');
  await page.keyboard.press('Escape');
  await expect(high).toHaveCount(0);
  await expect(page.locator('.pane-caption')).toContainText(/100.* … 300.* e-/);
  await page.locator('[data-region="images"]').focus();
  await page.keyboard.press('m');
  await expect(page.locator('.pane-caption')).toContainText('min–max');
});

test('keys move the cursor pixel by pixel', async () => {
  await page.mouse.move(5, 760);
  await page.locator('[data-region="images"]').focus();
  for (const key of ['ArrowRight', 'Shift+ArrowUp']) await page.keyboard.press(key);
  const status = page.locator('#status-slot');
  const [before] = (await status.textContent())!.match(/x [\d.]+ y [\d.]+/)!;
  await page.keyboard.press('l');
  const [, x, y] = before.match(/x ([\d.]+) y ([\d.]+)/)!;
  await expect(status).toContainText(`x ${(Number(x) + 1).toFixed(1)} y ${y}`);
});

test('the images come back when the graphics card has forgotten them', async () => {
  await page.keyboard.press('1');
  await resetGraphics(page);
  await expectGreys(1, (x) => x);
});

test('blinking never shows an image for less than 340 ms', async () => {
  await page.keyboard.press('1');
  await page.getByRole('button', { name: 'every' }).click();
  await page.getByRole('menuitemradio', { name: '0.34 s' }).click();
  await page.locator('[data-region="images"]').focus();
  const times = await watchBlinking(page, 6);
  // A change that is shown late may be followed by a punctual one; from the key on the pace is kept. A timer may be
  // early by less than a millisecond.
  for (const [n, at] of times.entries()) expect(at, `change ${n + 1}`).toBeGreaterThan(339 * (n + 1));
});

test('for people who want less motion, B makes one step and then rests', async () => {
  const calm = await served.open({ reducedMotion: 'reduce' });
  await calm.keyboard.press('Enter');
  await showPanes(calm, 1);
  const name = calm.locator('.pane-caption span').first();
  await expect(name).toHaveText('Science');
  await calm.keyboard.press('b');
  await expect(name).toHaveText('Template');
  await calm.waitForTimeout(1500);
  await expect(name).toHaveText('Template');
  await calm.context().close();
});

test('a click on a marker chooses its row, and a row its marker', async () => {
  await page.keyboard.press('t');
  await page.keyboard.press('n');
  const first = page.getByRole('option').first();
  await expect(first).toHaveAttribute('aria-selected', 'true');
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  // The chosen candidate is in the middle; the next one is 2.5 px to its right and 37 px up, at zoom 1.
  await page.mouse.click(box.x + box.width / 2 + 2.5, box.y + box.height / 2 - 37);
  await expect(page.getByRole('option').nth(1)).toHaveAttribute('aria-selected', 'true');
});

test('24 panes on three screens are drawn by one WebGL context, which none of them loses', async () => {
  await page.addInitScript(() => {
    const contexts: WebGL2RenderingContext[] = [];
    Object.assign(window, { contexts });
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...asked: unknown[]) {
      const context = Reflect.apply(getContext, this, asked);
      if (context instanceof WebGL2RenderingContext && !contexts.includes(context)) contexts.push(context);
      return context;
    } as typeof getContext;
  });
  await reloadWindow(page);
  let opened = 0;
  for (const [key, screen, count] of [
    ['Control+2', 'Field', 6],
    ['Control+3', 'Difference review', 4],
    ['Control+4', 'Labelling', 4],
    ['Control+3', 'Difference review', 4],
    ['Control+2', 'Field', 6],
  ] as const) {
    await page.keyboard.press(key);
    await page.getByRole('region', { name: screen }).waitFor();
    // The layout is as the last test left it: V goes through all of them.
    if (opened === 0) await showPanes(page, 4);
    await expect(page.locator('.image-surface')).toHaveCount(count);
    opened += count;
  }
  expect(opened).toBe(24);
  const lost = await page.evaluate(() =>
    (window as unknown as { contexts: WebGL2RenderingContext[] }).contexts.map((context) =>
      context.isContextLost(),
    ),
  );
  expect(lost).toEqual([false]);
});
