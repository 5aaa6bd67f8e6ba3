import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { reloadWindow } from '../support/drive-window.ts';
import { waitForRest } from '../support/see-at-rest.ts';
import { type Served, serve } from '../support/serve-folder.ts';

test.describe.configure({ mode: 'serial' });

let workspace: string;
let browser: Browser;
let served: Served;
let page: Page;

test.beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'astrid-shell-'));
  execFileSync('node_modules/.bin/node', ['tests/support/seed-field.ts', workspace], { stdio: 'inherit' });
  browser = await chromium.launch(test.info().project.use.launchOptions);
  served = await serve(workspace);
  page = await open('#/queue');
});

test.afterAll(async () => {
  await browser.close();
  await served.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** A window that has never been open before: nothing of its own memory is left. */
async function open(hash = ''): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const opened = await context.newPage();
  await opened.goto(`${served.address}${hash}`);
  await opened.locator('.rail').waitFor();
  return opened;
}

async function find(text: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(text);
  // What the core finds comes a moment later than what the window knows.
  await expect(page.getByRole('option').first()).toBeVisible();
  await page.waitForTimeout(250);
}

const heading = (name: string) => page.getByRole('heading', { level: 1, name });

test('the palette reaches actions of other screens, screens, fields, candidates and settings', async () => {
  await page.locator('.run-row[id]').first().waitFor();
  await find('sync');
  await page.keyboard.press('Enter');
  await expect(heading('Sync')).toBeVisible();

  await find('measure its speed');
  await page.keyboard.press('Enter');
  await expect(heading('Models')).toBeVisible();
  await expect(page.locator('.model-row').getByText(/\d\/s/)).toBeVisible();

  await find('telemetry');
  await page.keyboard.press('Enter');
  await expect(page.getByText('There is none. Nothing about you')).toBeVisible();

  await find('candidate #7');
  await expect(page.getByRole('option').first()).toContainText('#7');
  await page.keyboard.press('Enter');
  await expect(page.locator('.pane-caption').nth(3)).toBeVisible();
  expect(page.url()).toMatch(/#\/field\/[0-9a-f-]{36}\/[0-9a-f-]{36}/);

  await page.keyboard.press('Control+8');
  await find('known field');
  await expect(page.getByRole('option').first()).toContainText('Open field');
  await page.keyboard.press('Enter');
  await expect(page.locator('.pane-caption').nth(3)).toBeVisible();

  // Every screen's actions are there from wherever one is.
  await page.keyboard.press('Control+8');
  for (const group of ['Queue', 'Field', 'Labelling', 'Jobs', 'Models', 'Settings']) {
    await find(`${group} back`);
    await expect(page.getByRole('option').filter({ hasText: group }).first()).toBeVisible();
    await page.keyboard.press('Escape');
  }
});

test('held, the question mark shows the keys on the screen; tapped, all of them', async () => {
  await page.keyboard.press('Control+6');
  await expect(heading('Jobs')).toBeVisible();
  await page.keyboard.down('?');
  await expect(page.locator('.key-overlay kbd').filter({ hasText: 'Ctrl 6' })).toBeVisible();
  await page.waitForTimeout(400);
  await page.keyboard.up('?');
  await expect(page.locator('.key-overlay')).toHaveCount(0);
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // A tap is short by what its events tell, however busy the machine is.
  await page.evaluate(() => {
    const key = { key: '?', code: 'Slash', shiftKey: true, bubbles: true, cancelable: true };
    const [down, up] = [new KeyboardEvent('keydown', key), new KeyboardEvent('keyup', key)];
    for (const event of [down, up]) (document.activeElement ?? document.body).dispatchEvent(event);
  });
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
});

test('nothing serious stands between a person and any screen, in three themes', async () => {
  const barriers: string[] = [];
  for (const theme of ['dark', 'light', 'night']) {
    for (const digit of '123456789') {
      await page.keyboard.press(`Control+${digit}`);
      await waitForRest(page);
      // Only colours change with the theme.
      // One group of keys is like another, and there are two hundred of them.
      const axe = new AxeBuilder({ page }).exclude('.keymap-group ~ .keymap-group');
      if (theme !== 'dark') axe.withRules(['color-contrast']);
      const { violations } = await axe.analyze();
      for (const { id, impact, nodes } of violations)
        if (impact === 'serious' || impact === 'critical')
          barriers.push(
            `${theme} ${digit} ${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
          );
    }
    // Dark to light, light to night, and back from the night to where one came from.
    await page.keyboard.press(theme === 'dark' ? 'Shift+F9' : 'F9');
  }
  expect(barriers).toEqual([]);
});

test('keys, size and place are the same after the core and the window were closed', async () => {
  // Another version has bound an action that this one does not know.
  await page.evaluate(async () => {
    const { keymap } = await (await fetch('/api/v1/settings')).json();
    const value = { ...keymap, bindings: { ...keymap.bindings, 'later.action': ['Ctrl+J'] } };
    const body = JSON.stringify({ value });
    await fetch('/api/v1/settings/keymap', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });
  });
  await reloadWindow(page);
  await page.keyboard.press('Control+9');
  await page.getByRole('button', { name: 'Keys', exact: true }).click();
  await expect(page.getByText('1 of other versions kept')).toBeVisible();
  await page.getByLabel('Filter actions').fill('longer or shorter lanes');
  await page.getByRole('button', { name: 'Add a key to Longer or shorter lanes' }).click();
  await page.keyboard.press('j');
  await expect(page.locator('.key-row-conflict').first()).toContainText('Next job');
  await page.getByRole('button', { name: 'Take J from Longer or shorter lanes' }).click();
  await page.getByRole('button', { name: 'Add a key to Longer or shorter lanes' }).click();
  await page.keyboard.press('y');
  await expect(page.getByText('no conflicts')).toBeVisible();
  await page.keyboard.press('Control+6');
  await page.keyboard.press('Control+=');
  await page.keyboard.press('Control+=');
  await expect(page.getByRole('button', { name: 'size 125 %' })).toBeVisible();
  await expect
    .poll(() =>
      page.evaluate(async () => {
        const { appearance, session, keymap } = await (await fetch('/api/v1/settings')).json();
        const keys = Object.values(keymap.bindings as Record<string, string[]>).flat();
        return { percent: appearance.scalePercent, hash: session.hash, isBound: keys.includes('Y') };
      }),
    )
    .toEqual({ percent: 125, hash: expect.stringMatching(/^#\/jobs/), isBound: true });
  await page.context().close();
  await served.close();

  served = await serve(workspace);
  page = await open();
  await expect(heading('Jobs')).toBeVisible();
  await expect(page.getByRole('button', { name: 'size 125 %' })).toBeVisible();
  const before = await page.getByRole('button', { name: /^lanes/ }).textContent();
  await page.keyboard.press('y');
  await expect(page.getByRole('button', { name: /^lanes/ })).not.toHaveText(before!);
  const kept = await page.evaluate(
    async () => (await (await fetch('/api/v1/settings')).json()).keymap.bindings,
  );
  expect(kept['later.action']).toEqual(['Ctrl+J']);

  // Images are not scaled: what is under the pointer is what is read out.
  await page.keyboard.press('Control+2');
  await page.locator('.pane-caption').nth(3).waitFor();
  const box = (await page.locator('.image-surface').first().boundingBox())!;
  const inside = await page
    .locator('.image-surface')
    .first()
    .evaluate((element) => element.clientWidth);
  expect(Math.abs(inside - box.width)).toBeLessThan(1.5);
  await page.keyboard.press('Control+0');
});
