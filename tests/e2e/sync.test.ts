import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { administerCatalogue, readCatalogueMigrations } from '../../core/adapters/catalogue/index.ts';
import { type S3StandIn, startS3StandIn } from '../services/s3-stand-in.ts';
import { openShared } from '../support/open-shared.ts';
import { type Served, serve } from '../support/serve-folder.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

test.describe.configure({ mode: 'serial' });

const PROJECT = '0195b000-0000-7000-8000-0000000000aa';
const OTHER = '0195b000-0000-7000-8000-0000000000bb';
const SHOTS = resolve('.cache/screenshots');
let folder: string;
let server: LocalPostgres;
let bucket: S3StandIn;
let browser: Browser;
let served: Served;
let page: Page;
let password: string;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astrid-sync-'));
  mkdirSync(SHOTS, { recursive: true });
  const workspace = join(folder, 'workspace');
  execFileSync('node_modules/.bin/node', ['tests/support/seed-field.ts', workspace], { stdio: 'inherit' });
  server = await startPostgres();
  bucket = await startS3StandIn({ folder: join(folder, 's3'), bucket: 'sky', accessKeyId: 'key' });
  for (const name of ['sky', 'future']) {
    await server.createDatabase(name);
    const owner = administerCatalogue({ url: server.address(name) });
    const migrations = readCatalogueMigrations(resolve('migrations/postgres'));
    const next = {
      version: migrations.length + 1,
      name: 'of-the-future.sql',
      sql: 'SELECT 1',
      oldestWriter: 99,
    };
    await owner.setUp(name === 'sky' ? migrations : [...migrations, next]);
    await owner.createProject({ id: PROJECT, name: 'winter' });
    await owner.createProject({ id: OTHER, name: 'summer' });
    password = (await owner.addMember(PROJECT, 'ada', 'admin')) ?? password;
    await owner.addMember(OTHER, 'ada', 'viewer');
    await owner.close();
  }
  process.env.ASTRID_PASSPHRASE = 'per aspera';
  browser = await chromium.launch(test.info().project.use.launchOptions);
  served = await serve(workspace);
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  page = await context.newPage();
  await page.goto(`${served.address}#/sync`);
  await expect(page.getByRole('heading', { level: 1, name: 'Sync' })).toBeVisible();
});

/** They go before what a form says, so the hosts of other tests must not find them. */
const TOLD_BY_ENVIRONMENT = [
  'ASTRID_CATALOGUE_URL',
  'ASTRID_BUCKET_ACCESS_KEY_ID',
  'ASTRID_BUCKET_SECRET_ACCESS_KEY',
] as const;

test.afterAll(async () => {
  for (const name of TOLD_BY_ENVIRONMENT) delete process.env[name];
  await browser?.close();
  await served?.close();
  await bucket?.close();
  await server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const shoot = (name: string) => page.screenshot({ path: join(SHOTS, `sync-${name}.png`) });
const address = (database: string) => `postgresql://ada@127.0.0.1:${server.port}/${database}`;

async function fill(database: string, secret: string, bucketName: string): Promise<void> {
  await page.getByLabel('Address').fill(address(database));
  await page.getByLabel('Password').fill(secret);
  await page.getByLabel('Project', { exact: true }).fill(PROJECT);
  await page.getByLabel('S3 endpoint').fill(bucket.endpoint);
  await page.getByLabel('Bucket', { exact: true }).fill(bucketName);
  await page.getByLabel('Access key').fill('key');
  await page.getByLabel('Secret').fill('not told');
}

test('a first connection: each step is tried, and what is wrong is said', async () => {
  await shoot('alone');
  await page.keyboard.press('n');
  await shoot('connect-empty');
  await fill('sky', 'guessed', 'sky');
  await page.keyboard.press('Control+t');
  await expect(page.getByText('the password is wrong')).toBeVisible();
  await expect(page.getByText('can be read and written')).toBeVisible();
  await shoot('connect-wrong-password');

  await fill('sky', password, 'sea');
  await page.keyboard.press('Control+t');
  await expect(page.getByText('ada is admin of “winter”')).toBeVisible();
  await expect(page.getByText('There is no bucket')).toBeVisible();
  await shoot('connect-wrong-bucket');

  // Nobody has to know the number of a project: those of the login are listed, and one is chosen.
  await page.getByLabel('Project', { exact: true }).fill('');
  await page.keyboard.press('Control+t');
  await expect(page.getByRole('button', { name: 'summer viewer' })).toBeVisible();
  await page.getByRole('button', { name: 'winter admin' }).click();
  await expect(page.getByLabel('Project', { exact: true })).toHaveValue(PROJECT);
  await shoot('connect-projects');
  for (const theme of ['light', 'night']) {
    await page.evaluate((name) => document.documentElement.setAttribute('data-theme', name), theme);
    // Colours of buttons take a moment.
    await page.waitForTimeout(300);
    await shoot(`connect-projects-${theme}`);
  }
  await page.evaluate(() => document.documentElement.setAttribute('data-theme', 'dark'));

  await fill('future', password, 'sky');
  await page.keyboard.press('Control+t');
  await expect(page.getByText('was set up by a newer AstrID')).toBeVisible();
  await shoot('connect-newer');

  await fill('sky', password, 'sky');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByText('127.0.0.1')).toBeVisible();
  // A password is nowhere on the screen, nor in what the door tells.
  expect(await page.content()).not.toContain(password);
  const told = await page.evaluate(async () => (await fetch('/api/v1/sync')).text());
  expect(told).not.toContain(password);
});

test('what was found here goes to the others', async () => {
  await page.keyboard.press('u');
  await expect(page.locator('.sync-figure').first()).toHaveText('0', { timeout: 60_000 });
  await expect(page.getByText('in step since')).toBeVisible();
  await shoot('in-step');
  const rows = await server.query<{ n: number }>('sky', 'SELECT count(*)::int AS n FROM astrid.changes');
  expect(rows[0]!.n).toBeGreaterThan(0);
});

test('what of the pixels goes to the bucket, and how much lies here, is said and can be changed', async () => {
  const policy = page.getByText('when somebody asks for them', { exact: true });
  await expect(policy).toBeVisible();
  await page.keyboard.press('i');
  await expect(policy).toHaveCount(0);
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  await expect(policy).toBeVisible();
  // Raw files go nowhere unless somebody says so.
  await expect(page.getByText('wherever the images of their field go')).toHaveCount(0);
  await page.keyboard.press('Shift+I');
  await expect(page.getByText('wherever the images of their field go', { exact: true })).toBeVisible();
  await page.getByLabel('of these here, at most, GiB').fill('3.5');
  await page.getByLabel('of these here, at most, GiB').press('Enter');
  await page.getByLabel('at most, both ways, KiB/s').fill('50000');
  await page.getByLabel('at most, both ways, KiB/s').press('Enter');
  await expect
    .poll(async () =>
      page.evaluate(
        async () =>
          ((await (await fetch('/api/v1/settings')).json()) as { mirror: Record<string, unknown> }).mirror,
      ),
    )
    .toMatchObject({
      differences: 'on-request',
      rawFiles: 'with-images',
      localMiB: 3584,
      kibPerSecond: 50000,
    });
  for (const theme of ['light', 'night', 'dark'] as const) {
    await page.evaluate((name) => localStorage.setItem('astrid.theme', name), theme);
    await page.evaluate(() => document.documentElement.getAttribute('data-theme'));
    await page.reload();
    await expect(page.getByText('of these here, at most')).toBeVisible();
    await shoot(`pixels-${theme}`);
  }
});

test('images of a field that another workstation processed are asked for, sent, and come when looked at', async () => {
  const valley = join(folder, 'valley');
  const secrets = new Map<string, string>();
  const owner = administerCatalogue({ url: server.address('sky') });
  const theirs = await owner.addMember(PROJECT, 'vera', 'operator');
  await owner.close();
  let there = await openShared(valley, secrets);
  await there.sync.connect({
    catalogueUrl: server.address('sky', 'vera', theirs),
    projectId: PROJECT,
    bucket: { endpoint: bucket.endpoint, bucket: 'sky', accessKeyId: 'key', secretAccessKey: 'not told' },
  });
  await there.sync.exchange();
  const { items } = await there.database.runs.list({ limit: 10 });
  const run = items.find(({ candidateCount }) => candidateCount > 0)!;
  await there.close();

  Object.assign(process.env, {
    [TOLD_BY_ENVIRONMENT[0]]: secrets.get('catalogue-url'),
    [TOLD_BY_ENVIRONMENT[1]]: 'key',
    [TOLD_BY_ENVIRONMENT[2]]: 'not told',
  });
  let host = await serve(valley);
  const look = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  await look.goto(`${host.address}#/field/${run.id}`);
  await expect(look.getByText('on the workstation of ada').first()).toBeVisible();
  await look.screenshot({ path: join(SHOTS, 'sync-field-elsewhere.png') });
  // Whether there is a bucket to have them in is asked first.
  await expect(look.getByRole('button', { name: 'Ask for its images' })).toBeVisible();
  await look.keyboard.press('Shift+U');
  await expect(look.getByText('is asked for the images').first()).toBeAttached();
  await host.close();
  there = await openShared(valley, secrets);
  await there.sync.exchange();
  await page.keyboard.press('u');
  await expect
    .poll(
      async () => (await there.sync.exchange()).received + (await there.database.planes.list(run.id)).length,
      {
        timeout: 60_000,
      },
    )
    .toBeGreaterThan(2);
  await there.close();

  // Others are told of images before they are sent: until the last is, the bucket has only some.
  await expect
    .poll(
      () =>
        page.evaluate(async () => {
          const state = (await (await fetch('/api/v1/sync')).json()) as {
            imagesToSend: { count: number };
            activity: { kind: string };
          };
          return `${state.imagesToSend.count} ${state.activity.kind}`;
        }),
      { timeout: 60_000 },
    )
    .toBe('0 idle');

  // Without a line to the bucket the images are away, and nothing is red.
  await bucket.close();
  host = await serve(valley);
  await look.goto(`${host.address}#/field/${run.id}`);
  await expect(look.getByText('does not answer now: offline').first()).toBeVisible({ timeout: 60_000 });
  await expect(look.getByRole('alert')).toHaveCount(0);
  await look.screenshot({ path: join(SHOTS, 'sync-field-offline.png') });
  bucket = await startS3StandIn({
    folder: join(folder, 's3'),
    bucket: 'sky',
    accessKeyId: 'key',
    port: Number(new URL(bucket.endpoint).port),
  });
  await look.keyboard.press('F5');
  await expect(look.locator('.pane-caption .mono').first()).toBeVisible({ timeout: 60_000 });
  await look.screenshot({ path: join(SHOTS, 'sync-field-fetched.png') });
  await look.close();
  await host.close();
});

test('offline is a normal state', async () => {
  await server.stop();
  await page.keyboard.press('u');
  await expect(page.getByText('offline; work goes on')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
  await shoot('offline');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  await server.start();
});
