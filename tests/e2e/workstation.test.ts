import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, expect, type Page, test } from '@playwright/test';
import { findElectron, launchElectron } from '../support/launch-electron.ts';

/** A workstation with its window open, in one of the two hosts. */
interface Workstation {
  readonly page: Page;
  /** End it as its user would. */
  close(): Promise<void>;
}

const SHOTS = '.cache/screenshots';

/** Start `astrid serve` and open its address in a browser. */
async function openInBrowser(workspace: string): Promise<Workstation> {
  const host: ChildProcess = spawn(
    process.execPath,
    ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
  const { launchOptions, viewport } = test.info().project.use;
  const browser: Browser = await chromium.launch(launchOptions);
  const page = await browser.newPage({ viewport: viewport ?? { width: 1600, height: 900 } });
  await page.goto(address);
  return {
    page,
    close: async () => {
      await browser.close();
      const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
      host.kill('SIGTERM');
      await ended;
    },
  };
}

/** Open the workstation in Electron. */
async function openInElectron(workspace: string): Promise<Workstation> {
  const { app, page } = await launchElectron(findElectron()!, workspace);
  return { page, close: () => app.close() };
}

const HOSTS = [
  { name: 'a browser, against astrid serve', open: openInBrowser, isThere: () => true },
  { name: 'Electron', open: openInElectron, isThere: () => findElectron() !== undefined },
] as const;

for (const host of HOSTS) {
  test(`in ${host.name}: the sample night, ten labels by keyboard, and all of them after a restart`, async () => {
    test.skip(!host.isThere(), 'there is no Electron or no display on this machine');
    // Half of it is for the three fields of the sample night.
    test.setTimeout(600_000);
    const workspace = mkdtempSync(join(tmpdir(), 'astrid-night-'));
    const shot = (page: Page, name: string) =>
      page.screenshot({ path: join(SHOTS, `${host.open.name}-${name}.png`) });
    mkdirSync(SHOTS, { recursive: true });
    try {
      const first = await host.open(workspace);
      const problems: string[] = [];
      first.page.on('pageerror', (error) => problems.push(error.message));
      await expect(first.page.getByRole('button', { name: /sample night/ })).toBeVisible();
      await shot(first.page, '1-empty');
      await checkAccess(first.page);
      await first.page.keyboard.press('n');

      const rows = first.page.locator('.run-row[id]');
      await expect(rows.first()).toBeVisible({ timeout: 60_000 });
      await shot(first.page, '2-running');
      const isOver = async () => {
        const runs = await readRuns(first.page);
        return runs.length === 3 && runs.every((state) => state !== 'queued' && state !== 'running');
      };
      await expect.poll(isOver, { timeout: 240_000, intervals: [1000] }).toBe(true);
      expect(await readRuns(first.page)).toEqual(['done', 'done', 'done']);
      await shot(first.page, '3-done');
      await checkAccess(first.page);

      await first.page.keyboard.press('Enter');
      await expect(first.page.locator('.run-row[id]')).toHaveCount(0);
      await first.page.waitForTimeout(1500);
      await shot(first.page, '4-field');
      await checkAccess(first.page);
      await first.page.keyboard.press('Shift+Enter');
      await expect(first.page.getByText('left', { exact: true })).toBeVisible();
      await first.page.waitForTimeout(1000);
      await shot(first.page, '5-label');
      await checkAccess(first.page);

      const verdicts = ['r', 'b', 'u', 'r', 'r', 'b', 'u', 'r', 'b', 'r'];
      for (const key of verdicts) await first.page.keyboard.press(key);
      await expect.poll(() => countLabels(first.page)).toBe(10);
      await shot(first.page, '6-labelled');
      const labelled = await readLabels(first.page);
      expect(problems).toEqual([]);
      await first.close();

      const second = await host.open(workspace);
      // It comes back to where it was closed.
      await expect(second.page.getByRole('button', { name: 'Labelling' })).toHaveAttribute(
        'aria-current',
        'page',
      );
      await second.page.keyboard.press('Alt+1');
      await expect(second.page.locator('.run-row[id]')).toHaveCount(3);
      expect(await readLabels(second.page)).toEqual(labelled);
      expect(labelled.map(({ verdict }) => verdict[0])).toEqual([...verdicts].reverse());
      await expect(second.page.getByText('saved')).toContainText('10');
      await shot(second.page, '7-restarted');
      await second.close();
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });
}

/** Nothing serious may stand between a person and the screen: names, roles, contrast, focus. */
async function checkAccess(page: Page): Promise<void> {
  // Electron has no second context for axe's own blank page: it runs in the page itself. The rule left out is
  // experimental, and would have a row of a list read out its columns instead of a sentence.
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .disableRules(['label-content-name-mismatch'])
    .analyze();
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
}

/** Ask the core itself, through the window's own door. */
async function ask<Answer>(page: Page, path: string): Promise<Answer> {
  return page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1${path}`) as Promise<Answer>;
}

async function readRuns(page: Page): Promise<string[]> {
  const { items } = await ask<{ items: { status: string; errorMessage?: string }[] }>(page, '/runs');
  return items.map(({ status, errorMessage }) => errorMessage ?? status);
}

async function readLabels(page: Page): Promise<{ id: string; candidateId: string; verdict: string }[]> {
  const { items } = await ask<{ items: { id: string; candidateId: string; verdict: string }[] }>(
    page,
    '/labels',
  );
  return items.map(({ id, candidateId, verdict }) => ({ id, candidateId, verdict }));
}

async function countLabels(page: Page): Promise<number> {
  return (await ask<{ total: number }>(page, '/labels')).total;
}
