/**
 * Write down every action of every screen: `npm run build && node tests/screenshots/list-actions.ts`.
 *
 * The window learns actions when it meets them; `renderer/shell/known-actions.json` is what it is shipped with, so
 * that the palette and the keymap have them all before any screen was opened.
 */
import { writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';
import playwright from '../../playwright.config.ts';
import { serve } from '../support/serve-folder.ts';
import { makeWorkspace } from './make-workspaces.ts';

const served = await serve(await makeWorkspace('full', '.cache/screenshots/workspaces'));
const browser = await chromium.launch(playwright.use?.launchOptions);
const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
await page.goto(`${served.address}#/queue`);
await page.locator('.run-row[id]').first().waitFor();
for (const digit of '123456789') {
  await page.keyboard.press(`Control+${digit}`);
  await page.waitForTimeout(2500);
}
const actions = await page.evaluate(
  () => JSON.parse(localStorage.getItem('astrid.actions')!).actions as Record<string, { id: string }>,
);
await browser.close();
await served.close();
const sorted = Object.values(actions).sort((a, b) => (a.id < b.id ? -1 : 1));
writeFileSync('renderer/shell/known-actions.json', `${JSON.stringify(sorted, null, 2)}\n`);
process.stdout.write(`${sorted.length} actions\n`);
