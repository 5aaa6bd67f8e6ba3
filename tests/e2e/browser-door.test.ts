import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { BEHAVIOURS } from '../conformance/behaviours.ts';
import { openPageDoor } from '../support/page-door.ts';
import { type Seed, seedWorkspace } from '../support/seed-workspace.ts';

test.describe.configure({ mode: 'serial' });

let workspace: string;
let seed: Seed;
let host: ChildProcess;
let address: string;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

/** Start `astrid serve` and wait for the address that it prints. */
async function serve(): Promise<void> {
  host = spawn(process.execPath, ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout!.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
}

test.beforeAll(async ({ browser }) => {
  workspace = mkdtempSync(join(tmpdir(), 'astrid-browser-'));
  seed = await seedWorkspace(workspace);
  await serve();
  context = await browser.newContext();
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy'))
      problems.push(message.text());
  });
});

test.afterAll(async () => {
  await context?.close();
  host?.kill('SIGKILL');
  if (workspace) rmSync(workspace, { recursive: true, force: true });
});

test.describe('the headless host, in a browser,', () => {
  test('opens the workstation at the printed address, and the token leaves the address', async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    await page.goto(address);
    expect(page.url()).not.toContain('token');
    await expect(page).toHaveTitle(/AstrID/);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(problems).toEqual([]);
  });

  for (const behaviour of BEHAVIOURS) test(behaviour.name, () => behaviour.check(openPageDoor(page), seed));

  test('lets no one in without the token', async ({ browser }) => {
    const stranger = await browser.newContext();
    const response = await (await stranger.newPage()).goto(new URL('/', address).href);
    expect(response?.status()).toBe(401);
    await stranger.close();
  });

  test('is out of reach of a page of another port of this machine', async () => {
    const other = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<title>another</title>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const evil = await context.newPage();
    await evil.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
    const target = new URL('/api/v1/runs', address).href;
    for (const method of ['GET', 'POST']) {
      const answered = evil.waitForResponse(target);
      await evil.evaluate(
        ({ target, method }) =>
          fetch(target, { method, mode: 'no-cors', credentials: 'include' }).catch(() => undefined),
        { target, method },
      );
      expect((await answered).status()).toBe(403);
    }
    await evil.close();
    other.close();
  });

  test('ends cleanly while a page listens', async () => {
    const ended = new Promise((resolve) => host.once('exit', resolve));
    host.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
