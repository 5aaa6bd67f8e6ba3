import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type LaunchOptions, type Page } from '@playwright/test';

/** `astrid serve` over a workspace of its own, with a browser in front of it. */
export interface ServedField {
  /** Open the window anew. */
  open(options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** Serve the known field. */
export async function serveKnownField(launchOptions: LaunchOptions | undefined): Promise<ServedField> {
  const workspace = mkdtempSync(join(tmpdir(), 'astrid-known-'));
  // The workspace needs the project's own Node: its SQLite crashes on older ones.
  execFileSync('node_modules/.bin/node', ['tests/support/seed-field.ts', workspace], { stdio: 'inherit' });
  const host = spawn(process.execPath, ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
  const browser = await chromium.launch(launchOptions ?? {});
  return {
    open: async (options) => {
      const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options });
      const page = await context.newPage();
      // The window comes back to where it was closed, unless its address says where to go.
      await page.goto(`${address}#/queue`);
      await page.locator('.run-row').nth(1).waitFor();
      return page;
    },
    close: async () => {
      await browser.close();
      host.kill('SIGTERM');
      await ended;
      rmSync(workspace, { recursive: true, force: true });
    },
  };
}
