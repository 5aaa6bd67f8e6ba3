import { readFileSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';

let served: ServedField;
let page: Page;

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
  page = await served.open();
  await page.keyboard.press('Control+5');
  // Rows that are coming are rows too: how many there are is said when they are there.
  await expect.poll(total).toBeGreaterThan(20);
});

test.afterAll(() => served.close());

/** How many rows the list says it has. */
async function total(): Promise<number> {
  const text = await page.locator('.catalog-place').textContent();
  return Number(text!.replace(/.*of /, '').replace(/\D/g, ''));
}

test('the list filters by what is typed, is walked by keys, and plots follow', async () => {
  const all = await total();
  await page.keyboard.press('/');
  await page.keyboard.type('0.5');
  await page.keyboard.press('Enter');
  await expect.poll(total).toBeLessThan(all);
  const half = await total();
  await expect(page.locator('.chart-head').first()).toContainText(`${half} detections`);
  await page.keyboard.press('End');
  await expect(page.locator('.catalog-place')).toHaveText(`${half} of ${half}`);
  const last = page.locator('.catalog-scroller .catalog-row[aria-selected="true"]');
  await expect(last).toBeInViewport();
  await page.keyboard.press('x');
  await expect.poll(total).toBe(all);
});

test('what is drawn on a plot filters the list, and is taken away again', async () => {
  const all = await total();
  const plot = page.getByRole('img', { name: /S\/N against score/ });
  await plot.locator('.draglayer .drag').first().waitFor();
  const box = (await plot.boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(0.55, 0.1));
  await page.mouse.down();
  for (const [x, y] of [
    [0.97, 0.1],
    [0.97, 0.8],
    [0.55, 0.8],
    [0.55, 0.1],
  ] as const)
    await page.mouse.move(...at(x, y), { steps: 4 });
  await page.mouse.up();
  await expect.poll(total).toBeLessThan(all);
  expect(await total()).toBeGreaterThan(0);
  await page.getByRole('button', { name: /drawn on score × S\/N/ }).click();
  await expect.poll(total).toBe(all);
});

test('a whole list is saved as a file', async () => {
  const all = await total();
  await page.keyboard.press('Control+e');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('astrid-detections.csv');
  expect(
    readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n'),
  ).toHaveLength(all + 1);
  // The dialog closes after the click, and takes every key until then.
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('plots are there as tables of numbers, and nothing serious stands in anybody’s way', async () => {
  await page.keyboard.press('t');
  await expect(page.locator('.chart-table').first()).toContainText('score');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await page.keyboard.press('t');
  await page.locator('.js-plotly-plot').first().waitFor();
  const pictures = await new AxeBuilder({ page }).analyze();
  expect(pictures.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual(
    [],
  );
});
