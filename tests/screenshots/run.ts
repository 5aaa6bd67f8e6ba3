/**
 * Take pictures of every screen: `npm run screenshots`.
 *
 * Workspaces (empty, full, errors) are made once in `.cache/screenshots/workspaces`; pictures go to
 * `.cache/screenshots/<theme>-<size>/<screen>-<state>.png`. `--themes`, `--sizes`, `--screens` and `--states` take
 * lists with commas and narrow it down; `--fresh` makes the workspaces anew.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import playwright from '../../playwright.config.ts';
import { serve } from '../support/serve-folder.ts';
import { makeWorkspace, type WorkspaceName } from './make-workspaces.ts';

const FOLDER = '.cache/screenshots';
const THEMES = ['dark', 'light', 'night'];
const SIZES = ['1366x768', '2560x1440'];

/** States of screens: which workspace shows them, and what is done to the answers of the core. */
const STATES: Readonly<Record<string, { workspace: WorkspaceName; answers?: 'wait' | 'fail' }>> = {
  full: { workspace: 'full' },
  empty: { workspace: 'empty' },
  errors: { workspace: 'errors' },
  loading: { workspace: 'full', answers: 'wait' },
  failing: { workspace: 'full', answers: 'fail' },
};

/** Screens and overlays: how to get there from the queue, by keys and clicks. */
const SCREENS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  queue: async () => undefined,
  field: (page) => page.keyboard.press('Control+2'),
  difference: (page) => page.keyboard.press('Control+3'),
  label: (page) => page.keyboard.press('Control+4'),
  catalog: (page) => page.keyboard.press('Control+5'),
  jobs: (page) => page.keyboard.press('Control+6'),
  models: (page) => page.keyboard.press('Control+7'),
  sync: (page) => page.keyboard.press('Control+8'),
  settings: (page) => page.keyboard.press('Control+9'),
  palette: (page) => page.keyboard.press('Control+k'),
  keys: (page) => page.keyboard.press('?'),
};

/** Parts of screens, of which one picture with everything there is enough. */
const PARTS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  analytics: (page) => press(page, 'Control+5', 'a'),
  colours: (page) => press(page, 'Control+5', 'c'),
  objects: (page) => press(page, 'Control+5', 'o'),
  object: (page) => press(page, 'Control+5', 'o', 'Enter'),
  export: (page) => press(page, 'Control+5', 'Control+e'),
  'label-grid': (page) => press(page, 'Control+4', 'g'),
  'label-filter': (page) => press(page, 'Control+4', '/'),
  'label-curators': (page) => press(page, 'Control+4', 'w'),
  settle: (page) => press(page, 'Control+4', 'd'),
  header: (page) => press(page, 'Control+2', 'Shift+F'),
  'field-export': (page) => press(page, 'Control+2', 'Control+e'),
  layers: (page) => press(page, 'Control+2', 'Alt+t'),
  pair: (page) => press(page, 'o'),
  connect: (page) => press(page, 'Control+8', 'n'),
  ...Object.fromEntries(
    ['appearance', 'images', 'memory', 'taxonomy', 'samp', 'access', 'data', 'machine'].map((section, k) => [
      `settings-${section}`,
      (page: Page) => press(page, 'Control+9', ...Array<string>(k + 1).fill('j')),
    ]),
  ),
};

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForTimeout(500);
  }
}

const { values } = parseArgs({
  options: {
    themes: { type: 'string', default: THEMES.join(',') },
    sizes: { type: 'string', default: SIZES.join(',') },
    screens: { type: 'string', default: [...Object.keys(SCREENS), ...Object.keys(PARTS)].join(',') },
    states: { type: 'string', default: Object.keys(STATES).join(',') },
    fresh: { type: 'boolean', default: false },
  },
});
const workspaces = join(FOLDER, 'workspaces');
if (values.fresh) rmSync(workspaces, { recursive: true, force: true });
mkdirSync(workspaces, { recursive: true });
const browser = await chromium.launch(playwright.use?.launchOptions);
const problems: string[] = [];
let taken = 0;
for (const state of values.states.split(',')) await takeState(browser, state);
await browser.close();
process.stdout.write(`${taken} pictures in ${FOLDER}\n`);
if (problems.length > 0) {
  process.stdout.write(`${[...new Set(problems)].join('\n')}\n`);
  process.exitCode = 1;
}

/** Wait until images that are on their way have come: machines that are busy take seconds for it. */
async function isAllThere(page: Page): Promise<void> {
  const coming = page.getByText(/^\d+ of \d+ MiB$/);
  await coming
    .first()
    .waitFor({ state: 'detached', timeout: 20_000 })
    .catch(() => undefined);
  // The field around a candidate and its brightness come after a moment of looking.
  const curve = page.locator('.label-time');
  if ((await curve.count()) > 0) {
    await curve
      .locator('svg')
      .waitFor({ timeout: 10_000 })
      .catch(() => undefined);
    await page.waitForTimeout(1500);
  }
  await page.waitForTimeout(700);
}

async function takeState(browser: Browser, name: string): Promise<void> {
  const state = STATES[name];
  if (state === undefined) throw new Error(`there is no state ${name}`);
  const served = await serve(await makeWorkspace(state.workspace, workspaces));
  try {
    for (const size of values.sizes.split(','))
      for (const theme of values.themes.split(',')) {
        const [width, height] = size.split('x').map(Number) as [number, number];
        const context = await browser.newContext({ viewport: { width, height } });
        const page = await context.newPage();
        page.on('pageerror', (error) => problems.push(`${name}: ${error.message}`));
        await page.goto(`${served.address}#/queue`);
        await page.evaluate((theme) => localStorage.setItem('astrid.theme', theme), theme);
        if (state.answers !== undefined)
          await page.route(/\/(api\/v1|blob)\//, (route) =>
            state.answers === 'fail' ? route.abort() : new Promise(() => undefined),
          );
        const folder = join(FOLDER, `${theme}-${size}`);
        mkdirSync(folder, { recursive: true });
        for (const screen of values.screens.split(',')) {
          const part = PARTS[screen];
          if (part !== undefined && name !== 'full') continue;
          await page.goto(`${new URL(served.address).origin}/#/queue`);
          await page.reload();
          await page.locator('.rail').waitFor();
          await page.waitForTimeout(300);
          await (part ?? SCREENS[screen]!)(page);
          await page.waitForTimeout(state.answers === undefined ? 900 : 2500);
          if (state.answers === undefined) await isAllThere(page);
          await page.screenshot({ path: join(folder, `${screen}-${name}.png`) });
          taken++;
        }
        await context.close();
      }
  } finally {
    await served.close();
  }
}
