import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { listProjects } from '../../core/adapters/catalogue/index.ts';
import { createFolderBlobStore } from '../../core/adapters/storage/index.ts';
import { seedWorkspace } from '../support/seed-workspace.ts';
import { type Served, serve } from '../support/serve-folder.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

test.describe.configure({ mode: 'serial' });

const SHOTS = resolve('.cache/screenshots');
let folder: string;
let server: LocalPostgres;
let browser: Browser;
let served: Served;
let page: Page;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astrid-team-'));
  mkdirSync(SHOTS, { recursive: true });
  server = await startPostgres();
  await server.createDatabase('sky');
  process.env.ASTRID_PASSPHRASE = 'per aspera';
  browser = await chromium.launch(test.info().project.use.launchOptions);
  await seedWorkspace(join(folder, 'workspace'));
  const blobs = await createFolderBlobStore(join(folder, 'workspace', 'blobs'));
  const stale = blobs.path(await blobs.put(new Uint8Array(3_000_000)));
  utimesSync(stale, new Date(0), new Date(0));
  served = await serve(join(folder, 'workspace'));
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  page = await context.newPage();
  await page.goto(`${served.address}#/sync`);
  await expect(page.getByText('all of it is on this machine')).toBeVisible();
});

test.afterAll(async () => {
  await browser?.close();
  await served?.close();
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A picture in every theme, and at the smallest and largest scale. */
async function shoot(name: string): Promise<void> {
  for (const [theme, scale] of [
    ['dark', 100],
    ['light', 100],
    ['night', 100],
    ['dark', 200],
  ] as const) {
    await page.evaluate(
      ([wanted, percent]) => {
        document.documentElement.setAttribute('data-theme', wanted);
        document.documentElement.style.setProperty('zoom', String(percent / 100));
        document.documentElement.style.setProperty('--scale', String(percent / 100));
      },
      [theme, scale] as const,
    );
    await page.screenshot({ path: join(SHOTS, `team-${name}-${theme}-${scale}.png`) });
  }
  await page.evaluate(() => {
    document.documentElement.setAttribute('data-theme', 'dark');
    document.documentElement.style.removeProperty('zoom');
    document.documentElement.style.setProperty('--scale', '1');
  });
}

async function expectAccessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
}

const passwordOf = async (): Promise<string> =>
  (await page.locator('.told-once div', { hasText: 'Password' }).locator('dd').textContent())!;

/** The button that a form is for is in sight, however small the window. */
async function expectInSight(name: string): Promise<void> {
  await expect
    .poll(async () => {
      const box = (await page.getByRole('button', { name }).boundingBox())!;
      const dialog = (await page.getByRole('dialog').boundingBox())!;
      return dialog.y + dialog.height - (box.y + box.height);
    })
    .toBeGreaterThanOrEqual(0);
}

test('whoever owns an empty database begins a project in the form, with a login of their own', async () => {
  await page.keyboard.press('n');
  const owner = new URL(server.address('sky'));
  await page.getByLabel('Address').fill(`postgresql://owner@127.0.0.1:${server.port}/sky`);
  await page.getByLabel('Password').fill(decodeURIComponent(owner.password));
  await page.keyboard.press('Control+t');
  await expect(page.getByText('begin a project in the Sync screen')).toBeVisible();
  await page.keyboard.press('Control+b');
  await page.getByLabel('Name').fill('winter');
  await page.getByLabel('Your login').fill('ada');
  await shoot('new-project');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('“winter” is begun, and ada is its admin')).toBeVisible();
  await expect(page.getByLabel('Address')).toHaveValue(`postgresql://ada@127.0.0.1:${server.port}/sky`);
  const password = await passwordOf();
  expect(
    await listProjects({ url: `postgresql://ada:${password}@127.0.0.1:${server.port}/sky` }),
  ).toMatchObject([{ name: 'winter', role: 'admin' }]);
  await expectAccessible();
  await expectInSight('Connect Ctrl Enter');
  const connect = page.getByRole('button', { name: 'Connect Ctrl Enter' });
  await expect(connect).toBeFocused();
  await shoot('begun');
  await expect(connect).toBeEnabled();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByText(`127.0.0.1:${server.port}/sky`).first()).toBeVisible();
});

test('an admin sees who is in the project, lets people in, changes what they may, and shuts them out', async () => {
  await page.keyboard.press('m');
  await expect(page.getByRole('cell', { name: 'ada (you)' })).toBeVisible();
  await page.getByLabel('Let in').fill('lea');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('lea is let in')).toBeVisible();
  const url = `postgresql://lea:${await passwordOf()}@127.0.0.1:${server.port}/sky`;
  expect(await listProjects({ url })).toMatchObject([{ name: 'winter', role: 'labeller' }]);
  const role = page.getByRole('radiogroup', { name: 'Role of lea' });
  await role.getByRole('radio', { name: 'operator' }).click();
  await expect(role.getByRole('radio', { name: 'operator' })).toBeChecked();
  await expect.poll(() => listProjects({ url })).toMatchObject([{ role: 'operator' }]);
  await expectAccessible();
  await shoot('members');
  // The last admin stays one, and is told why.
  await page.getByRole('radiogroup', { name: 'Role of ada' }).getByRole('radio', { name: 'viewer' }).click();
  await expect(page.getByText('keeps one admin at least')).toBeVisible();
  await page.getByRole('button', { name: 'Shut out lea' }).click();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('cell', { name: 'lea' })).toHaveCount(0);
  expect(await listProjects({ url })).toEqual([]);
});

test('an object is called by the name that somebody gives it, wherever it is listed', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+5');
  const rows = page.locator('.catalog-scroller .catalog-row');
  await rows.first().waitFor();
  await page.keyboard.press('o');
  // Only a list of objects says how often each was found.
  await rows.filter({ hasText: '1 ×' }).first().click();
  await page.keyboard.press('Enter');
  const heading = page.locator('.object-facts h2');
  await expect(heading).toContainText('AstrID J');
  const designation = /AstrID J\S+/.exec((await heading.textContent())!)![0];
  await page.keyboard.press('n');
  await page.getByLabel('Name', { exact: true }).fill('the blue one');
  await page.screenshot({ path: join(SHOTS, 'catalog-name.png') });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(heading).toContainText('the blue one');
  await expect(heading).toContainText(designation);
  await shoot('named');
  await page.keyboard.press('Escape');
  await expect(page.locator('.catalog-row', { hasText: 'the blue one' })).toHaveCount(1);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('blue one');
  await expect(page.getByRole('option', { name: /the blue one/ })).toBeVisible();
});

test('what nobody refers to is looked at first, and taken away then', async () => {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+8');
  await expect(page.getByText('referred to by nobody')).toBeVisible();
  await page.keyboard.press('g');
  const take = page.getByRole('button', { name: 'Take it away' });
  await expect(take).toBeDisabled();
  await expect(page.getByRole('button', { name: 'See what would go' })).toBeEnabled();
  await page.keyboard.press('Control+d');
  await expect(page.getByText('Nothing was taken away yet')).toBeVisible();
  const cells = page.locator('.collect-table tbody tr').first().locator('td');
  await expect(cells.nth(3)).toHaveText('1');
  await shoot('collect');
  // For another time it would be something else.
  await page.getByRole('radio', { name: '90 days' }).click();
  await expect(take).toBeDisabled();
  await page.getByRole('radio', { name: '30 days' }).click();
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('Done.')).toBeVisible();
  await expectAccessible();
  await page.keyboard.press('Escape');
  await shoot('screen');
});
