import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, type Page, test } from '@playwright/test';
import { findElectron, launchElectron } from '../support/launch-electron.ts';

// The project's own Node: its SQLite crashes on older ones, and what is killed must be the core itself.
const NODE = 'node_modules/.bin/node';

/** A workstation that can be killed as a power cut would. */
interface Workstation {
  readonly page: Page;
  kill(): Promise<void>;
}

async function openInBrowser(workspace: string): Promise<Workstation> {
  const host: ChildProcess = spawn(
    NODE,
    [
      '--disable-warning=ExperimentalWarning',
      'core/cli/main.ts',
      'serve',
      '--no-open',
      '--workspace',
      workspace,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
  const browser = await chromium.launch(test.info().project.use.launchOptions);
  const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  await page.goto(address);
  return {
    page,
    kill: async () => {
      host.kill('SIGKILL');
      await ended;
      await browser.close();
    },
  };
}

async function openInElectron(workspace: string): Promise<Workstation> {
  const { app, page } = await launchElectron(findElectron()!, workspace);
  return {
    page,
    kill: async () => {
      const ended = new Promise<void>((resolve) => app.process().once('exit', () => resolve()));
      app.process().kill('SIGKILL');
      await ended;
    },
  };
}

const HOSTS = [
  { name: 'a browser, against astrid serve', open: openInBrowser, isThere: () => true, rounds: 1 },
  // Keys, reducer and store are the same in both: once back and forth is enough.
  { name: 'Electron', open: openInElectron, isThere: () => findElectron() !== undefined, rounds: 0 },
] as const;

/** Seed a workspace with 230 candidates in one field; their ids differ from workspace to workspace. */
function seed(): string {
  const workspace = mkdtempSync(join(tmpdir(), 'astrid-label-'));
  execFileSync(NODE, ['tests/support/seed-field.ts', workspace], { stdio: 'inherit' });
  return workspace;
}

async function goToLabelling(page: Page): Promise<void> {
  await page.locator('.run-row').nth(1).waitFor();
  await page.keyboard.press('Control+4');
  await page.locator('.cutout-pane').nth(2).waitFor();
}

/** Ask the core itself, through the window's own door. */
async function ask<Answer>(page: Page, path: string): Promise<Answer> {
  return page.evaluate(async (path) => (await fetch(path)).json(), `/api/v1${path}`) as Promise<Answer>;
}

interface LabelAnswer {
  readonly candidateId: string;
  readonly verdict: string;
  readonly scoreVisible: boolean;
}

const readLabels = (page: Page) => ask<{ items: LabelAnswer[]; total: number }>(page, '/labels?limit=1000');
const countLabels = async (page: Page): Promise<number> => (await readLabels(page)).total;

/** 200 saves, each of them a commit, on a slow disk. */
const ALL_SAVED = { timeout: 120_000 };

/** Before a key, rest like a person who sees that nothing goes on: verdicts that a stuck disk keeps waiting are dropped. */
function watchDisk(page: Page): () => Promise<void> {
  const saving = page.locator('.saving');
  let sinceMs: number | undefined;
  return async () => {
    if (!(await saving.isVisible())) sinceMs = undefined;
    else sinceMs ??= Date.now();
    if (sinceMs === undefined || Date.now() - sinceMs < 1000) return;
    await expect(saving).toHaveCount(0, ALL_SAVED);
    sinceMs = undefined;
  };
}

for (const host of HOSTS) {
  test(`in ${host.name}: 200 keys in 10 s label 200 candidates in order, are undone and redone, and survive kill -9`, async () => {
    test.skip(!host.isThere(), 'there is no Electron or no display on this machine');
    test.setTimeout(600_000);
    const workspace = seed();
    try {
      const first = await host.open(workspace);
      await goToLabelling(first.page);
      const order = (await ask<{ items: { id: string }[] }>(first.page, '/candidates?limit=1000')).items;
      const keys = Array.from({ length: 200 }, (_, i) => 'rbu'[i % 3]!);
      const started = Date.now();
      const waitForDisk = watchDisk(first.page);
      for (const [i, key] of keys.entries()) {
        await waitForDisk();
        await first.page.keyboard.press(key);
        const early = started + (i + 1) * 50 - Date.now();
        if (early > 0) await first.page.waitForTimeout(early);
      }
      await expect.poll(() => countLabels(first.page), ALL_SAVED).toBe(200);
      const labels = (await readLabels(first.page)).items.reverse();
      const words = { r: 'real', b: 'bogus', u: 'unsure' } as Record<string, string>;
      expect(labels.map(({ verdict }) => verdict)).toEqual(keys.map((key) => words[key]));
      expect(labels.map(({ candidateId }) => candidateId)).toEqual(order.slice(0, 200).map(({ id }) => id));

      for (let round = 0; round < host.rounds; round++) {
        for (let i = 0; i < 200; i++) await first.page.keyboard.press('Backspace');
        await expect.poll(() => countLabels(first.page), ALL_SAVED).toBe(0);
        for (let i = 0; i < 200; i++) await first.page.keyboard.press('Control+Shift+Z');
        await expect.poll(() => countLabels(first.page), ALL_SAVED).toBe(200);
      }
      const said = (labels: readonly LabelAnswer[]) =>
        labels.map(({ candidateId, verdict }) => `${candidateId} ${verdict}`);
      const again = said((await readLabels(first.page)).items.reverse());
      expect(again).toEqual(said(labels));
      await first.kill();

      const second = await host.open(workspace);
      await second.page.locator('.status-bar').waitFor();
      expect(said((await readLabels(second.page)).items.reverse())).toEqual(again);
      await second.kill();
    } finally {
      rmSync(workspace, { recursive: true, force: true });
    }
  });
}

test('a blind curator’s window gets no score before T, and that it was shown is kept with the label', async () => {
  const workspace = seed();
  const { page, kill } = await openInBrowser(workspace);
  try {
    await page.locator('.run-row').nth(1).waitFor();
    const told: string[] = [];
    let saves = 0;
    page.on('response', async (response) => {
      const isSave = response.request().method() === 'POST' && /\/curation\/events$/.test(response.url());
      // The stream of events never ends: it has no body to be read.
      if (!response.url().includes('/api/v1/') || /\/api\/v1\/events/.test(response.url())) return;
      const body = await response.text().catch(() => '');
      if (/"score":\s*[\d.]/.test(body)) told.push(response.url());
      if (isSave) saves++;
    });
    await page.keyboard.press('Control+4');
    await page.locator('.cutout-pane').nth(2).waitFor();
    await page.keyboard.press('r');
    await page.keyboard.press('b');
    await expect.poll(() => saves).toBe(2);
    // What is asked for after them.
    await page.waitForTimeout(1000);
    expect(told).toEqual([]);
    await expect(page.getByText('score hidden')).toBeVisible();
    await page.keyboard.press('t');
    await expect(page.getByRole('meter', { name: 'score' }).or(page.locator('.score-value'))).toBeVisible();
    await expect
      .poll(() => told.map((url) => new URL(url).pathname))
      .toEqual([expect.stringMatching(/\/reveal$/)]);
    await page.keyboard.press('r');
    await expect.poll(() => countLabels(page)).toBe(3);
    const seen = (await readLabels(page)).items.map(({ scoreVisible }) => scoreVisible);
    expect(seen).toEqual([true, false, false]);
  } finally {
    await kill();
    rmSync(workspace, { recursive: true, force: true });
  }
});

test('two curators label offline, their workspaces are merged, and the consensus is as computed by hand', async () => {
  const [here, there] = [seed(), seed()];
  const file = join(there, 'labels.jsonl');
  const astrid = (...args: string[]) =>
    execFileSync(NODE, ['--disable-warning=ExperimentalWarning', 'core/cli/main.ts', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const labelWith = async (workspace: string, keys: string): Promise<void> => {
    const { page, kill } = await openInBrowser(workspace);
    await goToLabelling(page);
    for (const key of keys) await page.keyboard.press(key);
    await expect.poll(() => countLabels(page)).toBe(keys.length);
    await kill();
  };
  try {
    //                    1 2 3 4 5 6 7 8 9
    await labelWith(here, 'rrrbbbbbu');
    await labelWith(there, 'rrbbbbbb');
    astrid('labels', 'export', file, '--workspace', there);
    const report = JSON.parse(astrid('labels', 'import', file, '--json', '--workspace', here)) as object;
    expect(report).toMatchObject({ events: 8, added: 8, matched: 8, waiting: 0 });
    expect(JSON.parse(astrid('labels', 'import', file, '--json', '--workspace', here))).toMatchObject({
      added: 0,
    });

    const { page, kill } = await openInBrowser(here);
    await page.locator('.status-bar').waitFor();
    interface Answer {
      all: { items: number; percent: number; cohenKappa: number; gwetAc1: number; krippendorffAlpha: number };
      states: Record<string, number>;
    }
    const { all, states } = await ask<Answer>(page, '/curation/agreement');
    // Eight in common, seven alike: the third is disputed, the ninth waits for its second label.
    expect(states).toMatchObject({ agreed: 7, disputed: 1, waiting: 1 });
    expect(all.items).toBe(8);
    expect(all.percent).toBeCloseTo(7 / 8, 9);
    // Real 3 and 2 of 8: chance 3/8 x 2/8 + 5/8 x 6/8 = 36/64.
    expect(all.cohenKappa).toBeCloseTo((7 / 8 - 36 / 64) / (1 - 36 / 64), 9);
    // Of 16 words 5 real and 11 bogus: two mismatched, 2 x 5 x 11 / 15 expected.
    expect(all.krippendorffAlpha).toBeCloseTo(1 - 2 / ((2 * 5 * 11) / 15), 9);
    // Over the nine that anybody judged: real 2.5, bogus 5.5, unsure 1.
    const chance = [2.5, 5.5, 1].map((n) => n / 9).reduce((sum, p) => sum + p * (1 - p), 0) / 2;
    expect(all.gwetAc1).toBeCloseTo((7 / 8 - chance) / (1 - chance), 9);
    await kill();
  } finally {
    for (const workspace of [here, there]) rmSync(workspace, { recursive: true, force: true });
  }
});

test('a page of the grid is called bogus by one key, and that is one undo', async () => {
  const workspace = seed();
  const { page, kill } = await openInBrowser(workspace);
  try {
    await goToLabelling(page);
    await page.keyboard.press('g');
    await expect(page.locator('.grid-cell')).toHaveCount(24);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('r');
    await expect.poll(() => countLabels(page)).toBe(1);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Shift+B');
    await expect.poll(() => countLabels(page)).toBe(24);
    expect((await readLabels(page)).items.filter(({ verdict }) => verdict === 'bogus')).toHaveLength(23);
    await page.keyboard.press('Backspace');
    await expect.poll(() => countLabels(page)).toBe(1);
  } finally {
    await kill();
    rmSync(workspace, { recursive: true, force: true });
  }
});

test('comment, flag, confidence, classes and the history work by keys; Escape leaves a comment and keeps the label', async () => {
  const workspace = seed();
  const { page, kill } = await openInBrowser(workspace);
  try {
    await goToLabelling(page);
    // The keys of classes are there when the classes have come.
    await page.locator('.class-button').first().waitFor();
    await page.keyboard.press('Shift+Digit3');
    await page.keyboard.press('1');
    // Each key means the candidate that the keys before lead to, however slow the disk is.
    await page.keyboard.press('8');
    await page.keyboard.press('f');
    await page.keyboard.press('c');
    await page.getByRole('textbox', { name: 'Comment' }).fill('beside its host');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'comments 1' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'flagged' })).toBeVisible();
    await page.keyboard.press('c');
    await page.keyboard.type('never said');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveCount(0);
    const { items } = await ask<{ items: { classId?: string; confidence?: string; verdict: string }[] }>(
      page,
      '/labels',
    );
    expect(items.map(({ classId, confidence, verdict }) => [classId, confidence, verdict])).toEqual([
      ['sn-gold', undefined, 'real'],
      ['dipole', 'high', 'bogus'],
    ]);
    await page.locator('.history-row', { hasText: 'dipole' }).click();
    await page.keyboard.press('3');
    await expect(page.locator('.history-row', { hasText: 'cosmic ray' })).toBeVisible();
    await expect(page.locator('.history-row')).toHaveCount(2);
    // The screen is where it was before the change.
    await expect(page.getByRole('button', { name: 'comments 1' })).toBeVisible();
    // What is chosen in its field is what is labelled next, whatever the queue has.
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Label this candidate' }).waitFor();
    for (let step = 0; step < 3; step++) await page.keyboard.press('n');
    const facts = await page.locator('.candidate-facts').textContent();
    const [x, y] = /x (\S+) y (\d+\.\d\d)/
      .exec(facts!)!
      .slice(1)
      .map((number) => Number(number).toFixed(1));
    await page.keyboard.press('Shift+Enter');
    await expect(page.locator('.measures')).toContainText(`x y${x} ${y}`);
  } finally {
    await kill();
    rmSync(workspace, { recursive: true, force: true });
  }
});
