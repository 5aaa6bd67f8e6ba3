import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { waitForRest } from '../support/see-at-rest.ts';
import { type Served, serve } from '../support/serve-folder.ts';

test.describe.configure({ mode: 'serial' });

const SHOTS = '.cache/screenshots';
let folder: string;
let served: Served;
let browser: Browser;
let page: Page;

test.beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), 'astrid-access-'));
  served = await serve(folder);
  browser = await chromium.launch(test.info().project.use.launchOptions);
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  page = await context.newPage();
  await page.goto(`${served.address}#/settings?access`);
  await expect(page.getByRole('heading', { name: 'Keys of programs' })).toBeVisible();
});

test.afterAll(async () => {
  await browser?.close();
  await served?.close();
  rmSync(folder, { recursive: true, force: true });
});

const shoot = (name: string) => page.screenshot({ path: join(SHOTS, `access-${name}.png`) });
/** Ask the API as a program does. */
const ask = (path: string, key: string): Promise<Response> =>
  fetch(new URL(path, served.address), { headers: { authorization: `Bearer ${key}` } });

test('a key is made by keys alone, shown once, lets a program in, and is revoked', async () => {
  await expect(page.getByText('No program has a key.')).toBeVisible();
  await shoot('empty');
  await page.keyboard.press('n');
  await page.keyboard.type('night script');
  await page.getByRole('radio', { name: 'operator' }).click();
  await page.getByRole('radio', { name: 'some of it' }).click();
  await page.getByLabel('pipeline:read').check();
  await page.getByLabel('pipeline:write').check();
  await shoot('new-key');
  await page.keyboard.press('Control+Enter');
  const shown = page.locator('.new-key-secret');
  await expect(shown).toHaveText(/^astrid_[0-9a-f]{12}_[0-9a-f]{64}$/);
  await shoot('made');
  const key = (await shown.textContent())!;
  expect(await (await ask('/api/v1/me', key)).json()).toMatchObject({
    name: 'night script',
    role: 'operator',
    scopes: ['pipeline:read', 'pipeline:write'],
  });
  expect((await ask('/api/v1/labels', key)).status).toBe(403);
  await page.keyboard.press('Escape');
  // It is nowhere any more.
  await expect(page.getByRole('cell', { name: 'night script', exact: true })).toBeVisible();
  expect(await page.content()).not.toContain(key.slice(20));
  await page.reload();
  await expect(page.getByRole('cell', { name: 'night script', exact: true })).toBeVisible();
  await expect(page.locator('.access-keys tbody tr')).not.toContainText('never');
  await shoot('one');
  await page.getByRole('button', { name: 'Revoke night script' }).click();
  await page.keyboard.press('Enter');
  await expect(page.locator('.access-keys tbody tr')).toContainText('revoked');
  expect((await ask('/api/v1/me', key)).status).toBe(401);
  const entries = page.locator('.access-audit tbody tr');
  await expect(entries).toHaveCount(2);
  await expect(entries.first()).toContainText('access.revokeKey');
});

test('nothing serious stands between a person and the section, in any colours', async () => {
  for (const theme of ['dark', 'light', 'night']) {
    await page.evaluate((name) => localStorage.setItem('astrid.theme', name), theme);
    await page.reload();
    await expect(page.locator('.access-audit tbody tr')).toHaveCount(2);
    await waitForRest(page);
    await shoot(theme);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(
      serious.map(({ id }) => id),
      theme,
    ).toEqual([]);
  }
});
