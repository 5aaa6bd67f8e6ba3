import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, test } from '@playwright/test';
import { build } from 'vite';
import { digestKernels } from '../support/digest-kernels.ts';
import { findElectron } from '../support/launch-electron.ts';

let bundle = '';

test.beforeAll(async () => {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: {
        entry: 'tests/support/digest-kernels.ts',
        formats: ['iife'],
        name: 'kernels',
        fileName: 'kernels',
      },
    },
  });
  const [first] = Array.isArray(built) ? built : [built];
  if (!first || !('output' in first)) throw new Error('the kernels were not bundled');
  bundle = first.output[0].code;
});

test('the kernels give the same bits in a browser as in Node', async () => {
  // Shared memory needs a page that no other origin reaches, as the workstation's own pages are.
  const server = createServer((request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const isScript = request.url === '/kernels.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? bundle : '<!doctype html><script src="/kernels.js"></script>');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const browser = await chromium.launch(test.info().project.use.launchOptions ?? {});
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(await page.evaluate('kernels.digestKernels()')).toEqual(digestKernels());
  } finally {
    await browser.close();
    server.close();
  }
});

test("the kernels give the same bits in Electron's Node", () => {
  const electron = findElectron();
  test.skip(electron === undefined, 'no Electron on this machine');
  const folder = mkdtempSync(join(tmpdir(), 'astrid-kernels-'));
  try {
    const script = join(folder, 'kernels.cjs');
    writeFileSync(script, `${bundle}\nconsole.log(JSON.stringify(kernels.digestKernels()));`);
    const printed = execFileSync(electron!, [script], {
      encoding: 'utf8',
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    expect(JSON.parse(printed)).toEqual(digestKernels());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
