import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { reloadWindow, showPanes, watchBlinking } from '../support/drive-window.ts';
import { FIELD } from '../support/known-field.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';
import { seeAtRest } from '../support/see-at-rest.ts';

// What one test leaves on the screen the next one begins with.
test.describe.configure({ mode: 'serial' });

let served: ServedField;
let page: Page;

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
  page = await served.open();
  await page.keyboard.press('Control+3');
  await page.getByRole('img', { name: /^Template image/ }).waitFor();
  await expect(page.locator('.pane-caption').nth(3)).toContainText('σ');
});

test.afterAll(() => served.close());

const caption = (n: number) => page.locator('.pane-caption').nth(n);

test('the grade says why, and every detection is there, also those that were vetoed, with the reason', async () => {
  const side = page.locator('.review-side');
  await expect(side).toContainText('Graded yellow');
  await expect(side).toContainText('Neighbouring pixels of the difference are correlated (0.14).');
  await expect(side.locator('.grade-checks tbody tr')).toHaveCount(9);
  await expect(side).toContainText(`all ${FIELD.candidates + 3}`);
  await page.keyboard.press('n');
  await page.keyboard.press('p');
  const chosen = side.getByRole('option', { selected: true });
  await expect(chosen).toContainText('masked: its centre is masked: SAT');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});

test('a decision with its comment is on disk, survives a reload and is taken back by one key', async () => {
  await page.keyboard.press('Shift+C');
  await page.keyboard.type('clouds in the corner');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+R');
  const state = page.locator('.decision-state');
  await expect(state).toContainText('rejected by');
  await page.reload();
  await expect(state).toContainText('clouds in the corner');
  await page.keyboard.press('Backspace');
  await expect(state).toContainText('Nobody has decided');
  await page.keyboard.press('Shift+A');
  await expect(state).toContainText('accepted by');
});

test('a lock that is open lets one pane go its own way, closed again it brings the others there', async () => {
  await expect(caption(3)).toContainText('1:1.4');
  await page.keyboard.press('l');
  await page.keyboard.press('2');
  await page.keyboard.press('Escape');
  for (let n = 0; n < 4; n++) await page.keyboard.press('+');
  await expect(caption(0)).toContainText('1.5:1');
  await expect(caption(1)).toContainText('1:1.4');
  await page.keyboard.press('l');
  await page.keyboard.press('2');
  await page.keyboard.press('l');
  for (let n = 0; n < 4; n++) await expect(caption(n)).toContainText('1.5:1');
});

test('blinking swaps what is on the card, on and back, never more than three times a second', async () => {
  // One large pane; the period as short as it goes.
  await showPanes(page, 1);
  for (const key of ['`', '>', '>', '>', '>', '>', '>']) await page.keyboard.press(key);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.keyboard.press('Shift+B');
  await expect(caption(0)).toContainText('Template');
  await page.keyboard.press('Shift+B');
  await expect(caption(0)).toContainText('Science');
  const times = await watchBlinking(page, 6);
  // A flash is a pair of changes and three in a second are safe: six changes. The period is two in a second, and one
  // that is shown late may be followed by a punctual one: from the key on the pace is kept.
  for (const [n, at] of times.entries()) expect(at, `change ${n + 1}`).toBeGreaterThan(339 * (n + 1));
  expect(asked.filter((url) => /blob|pixels/.test(url))).toEqual([]);
});

test('faster blinking is there only for those who unlock it', async () => {
  const periods = async (): Promise<string[]> => {
    await page.getByRole('button', { name: /^every/ }).click();
    const names = await page.getByRole('menuitemradio').allTextContents();
    await page.keyboard.press('Escape');
    return names.map((name) => name.replace(/[^\d.s]/g, ''));
  };
  const slow = ['0.34s', '0.50s', '1s', '2s'];
  await reloadWindow(page);
  await expect.poll(periods).toEqual(slow);
  const put = (isBlinkUnlocked: boolean) =>
    page.evaluate(async (unlocked) => {
      const { images } = await (await fetch('/api/v1/settings')).json();
      await fetch('/api/v1/settings/images', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ value: { ...images, isBlinkUnlocked: unlocked } }),
      });
    }, isBlinkUnlocked);
  await put(true);
  await reloadWindow(page);
  await expect.poll(periods).toEqual(['0.13s', '0.25s', ...slow]);
  await put(false);
  await reloadWindow(page);
  await expect.poll(periods).toEqual(slow);
});

/** The colour of one place of the first pane, when it has come to rest. */
async function colourOf(x: number, y: number): Promise<readonly number[]> {
  await page.mouse.move(5, 760);
  const seen = await seeAtRest(page, (await page.locator('.image-surface').first().boundingBox())!);
  return seen.colourAt(x, y);
}

/** The colour of a pixel of the one image that is fitted into the pane. */
async function colourAt(x: number, y: number): Promise<readonly number[]> {
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  const zoom = Math.min(box.width / FIELD.width, box.height / FIELD.height);
  return colourOf(
    box.x + box.width / 2 + (x - (FIELD.width - 1) / 2) * zoom,
    box.y + box.height / 2 - (y - (FIELD.height - 1) / 2) * zoom,
  );
}

/** The place that is compared is so bright as that, to one level. */
async function expectGrey(grey: number): Promise<void> {
  await expect.poll(async () => Math.abs((await greyAt(0.75, 0.4)) - grey)).toBeLessThanOrEqual(1);
}

/** How bright a place of the pane is, in parts of its width and height. */
async function greyAt(x: number, y: number): Promise<number> {
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  return (await colourOf(box.x + x * box.width, box.y + y * box.height))[0]!;
}

test('the curtain shows the image at its left and the one it is compared with at its right', async () => {
  await page.locator('[data-region="images"]').focus();
  await showPanes(page, 1);
  for (const key of ['`', 't', 'm']) await page.keyboard.press(key);
  await expect(caption(0)).toContainText('min–max');
  // Science grows to the right, the template falls.
  const science = await greyAt(0.75, 0.4);
  await page.keyboard.down('Space');
  await expect(caption(0)).toContainText('Template');
  const template = await greyAt(0.75, 0.4);
  await page.keyboard.up('Space');
  await expect(caption(0)).toContainText('Science');
  expect(Math.abs(science - template)).toBeGreaterThan(40);
  await page.keyboard.press('w');
  await expectGrey(template);
  const curtain = page.getByRole('slider', { name: 'Curtain before Template' });
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  const handle = (await curtain.boundingBox())!;
  await page.mouse.move(handle.x + handle.width / 2, handle.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.9 * box.width, handle.y + 200, { steps: 4 });
  await page.mouse.up();
  await expect(curtain).toHaveAttribute('aria-valuenow', '90');
  await expectGrey(science);
  await page.keyboard.press('w');
});

test('a fade put half way shows the mean of both', async () => {
  const science = await greyAt(0.75, 0.4);
  await page.keyboard.press('Shift+W');
  const slider = page.getByRole('slider', { name: 'How much of Template is seen' });
  await slider.fill('100');
  const template = await greyAt(0.75, 0.4);
  expect(Math.abs(science - template)).toBeGreaterThan(40);
  await slider.fill('50');
  await expectGrey((science + template) / 2);
  await page.locator('.pane-caption').first().click({ force: true });
  await page.keyboard.press('Shift+W');
});

test('a plane of the mask tints its pixels and no others, and says how many there are', async () => {
  // 500 rows of four pixels at either side have no data; 119 pixels of one row are saturated.
  const [edge, inside] = [await colourAt(1.5, 100), await colourAt(200, 100)];
  await page.keyboard.press('Alt+t');
  const list = page.getByRole('dialog', { name: 'What lies over the images' });
  await expect(list).toContainText('4\u2009000 px');
  await expect(list).toContainText('119 px');
  await page.keyboard.press('7');
  await page.keyboard.press('Escape');
  // Half of the colour of NO_DATA, #4a7fd0, over half of what was there.
  await expect(async () => {
    const tinted = await colourAt(1.5, 100);
    for (const [n, tint] of [0x4a, 0x7f, 0xd0].entries())
      expect(Math.abs(tinted[n]! - (edge[n]! + tint) / 2)).toBeLessThanOrEqual(1);
  }).toPass({ timeout: 60_000 });
  expect(await colourAt(200, 100)).toEqual(inside);
  await page.keyboard.press('Alt+t');
  await page.keyboard.press('7');
  await page.keyboard.press('Escape');
  await expect.poll(() => colourAt(1.5, 100)).toEqual(edge);
});

test('where an image is missing the others stay, and the reason is told', async () => {
  await page.route('**/api/v1/runs/*/field', async (route) => {
    const answer = await route.fetch();
    const field = await answer.json();
    field.planes = field.planes.filter(({ kind }: { kind: string }) => kind === 'science');
    field.run.stages = field.run.stages.map((stage: { stage: string }) =>
      stage.stage === 'register'
        ? { ...stage, status: 'failed', errorMessage: 'The template is of another field.' }
        : stage,
    );
    await route.fulfill({ json: field });
  });
  await reloadWindow(page);
  await expect(caption(0)).toContainText('e-');
  await showPanes(page, 4);
  const notices = page.locator('.pane-notice');
  await expect(notices).toHaveCount(3);
  await expect(notices.first()).toContainText(
    'Template: not made, because register failed. The template is of another field.',
  );
});
