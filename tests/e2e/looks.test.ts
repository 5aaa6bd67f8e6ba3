import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { decode } from 'fast-png';
import { reloadWindow } from '../support/drive-window.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';
import { seeAtRest, waitForRest } from '../support/see-at-rest.ts';

const SHOTS = '.cache/screenshots';

let served: ServedField;

test.beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  served = await serveKnownField(test.info().project.use.launchOptions);
});

test.afterAll(() => served.close());

for (const theme of ['dark', 'light', 'night'] as const) {
  test(`in ${theme} colours nothing serious stands between a person and any screen`, async () => {
    const page = await served.open();
    await page.evaluate((name) => localStorage.setItem('astrid.theme', name), theme);
    await reloadWindow(page);
    await page.locator('.run-row').nth(1).waitFor();
    const look = async (name: string): Promise<void> => {
      await waitForRest(page);
      await page.screenshot({ path: `${SHOTS}/${theme}-${name}.png` });
      expect(await findBarriers(page), `${name} in ${theme}`).toEqual([]);
    };
    await look('queue');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await look('keys');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('o');
    await page.getByRole('dialog').waitFor();
    await look('open-pair');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.locator('.pane-caption').nth(3).waitFor();
    await page.keyboard.press('n');
    await look('field');
    await page.getByRole('button', { name: 'limits' }).click();
    await look('menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Enter');
    await page.locator('.cutout-pane').nth(2).waitFor();
    await page.keyboard.press('t');
    await look('label');
    await page.keyboard.press('Control+9');
    await page.getByText('workspace').first().waitFor();
    await look('settings');
    await page.context().close();
  });
}

test('the night is red: no pixel of any screen is more green or blue than its text', async () => {
  const page = await served.open();
  await page.keyboard.press('F9');
  await page.keyboard.press('Enter');
  await page.locator('.pane-caption').nth(3).waitFor();
  for (const digit of '123456789') {
    await page.keyboard.press(`Control+${digit}`);
    await waitForRest(page);
    // A screen on which nothing stands would pass.
    await expect(page.locator('.screen').first()).toContainText(/\w/);
    const image = page.locator('.image-surface').first();
    if ((await image.count()) > 0) await seeAtRest(page, (await image.boundingBox())!);
    const { data, channels } = decode(await page.screenshot());
    let worst = 0;
    // The accent, #ff7a66, is the least red of the night's colours; a grey would be as green as it is red.
    for (let i = 0; i < data.length; i += channels)
      worst = Math.max(worst, Math.max(data[i + 1]!, data[i + 2]!) - (0x7a / 0xff) * data[i]!);
    expect(Math.round(worst), `screen ${digit}`).toBeLessThanOrEqual(4);
  }
  await page.context().close();
});

test('at 200 % in a small window no screen is wider or taller than it, and nothing lies beyond its right edge', async () => {
  const page = await served.open();
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.locator('.run-row').nth(1).waitFor();
  // The largest size there is: more keys than steps.
  for (let step = 0; step < 9; step++) await page.keyboard.press('Control+=');
  await expect(page.locator('.status-bar')).toContainText('200 %');
  await page.keyboard.press('Enter');
  await page.locator('.pane-caption').first().waitFor();
  for (const digit of '123456789') {
    await page.keyboard.press(`Control+${digit}`);
    await waitForRest(page);
    const measure = () =>
      page.evaluate(() => {
        const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
        const isScrolled = (element: Element): boolean =>
          element.closest('.catalog-table, .epoch-strip, .nights, [role="log"]') !== null;
        const beyond = [...document.querySelectorAll('.screen button, .screen input, .screen h1')]
          .filter((element) => element.getClientRects().length > 0 && !isScrolled(element))
          .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
          .map((element) => element.textContent || element.getAttribute('aria-label') || element.className);
        return { wide: scrollWidth - clientWidth, tall: scrollHeight - clientHeight, beyond };
      });
    // Plots find their places after they are there.
    await expect.poll(measure, { message: `screen ${digit}` }).toEqual({ wide: 0, tall: 0, beyond: [] });
  }
  await page.keyboard.press('Control+0');
  await expect(page.locator('.status-bar')).not.toContainText('200 %');
  await page.context().close();
});

async function findBarriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}
