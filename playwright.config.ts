import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/** Debian's Chromium, where there is one: Playwright's own download may be out of reach. */
function findChromium(): string | undefined {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  } catch {
    return existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined;
  }
}

const executablePath = findChromium();
const report = process.env.ASTRID_E2E_REPORT;

export default defineConfig({
  testDir: 'tests/e2e',
  globalSetup: './tests/support/prepare-machine.ts',
  outputDir: '.cache/e2e',
  timeout: 300_000,
  expect: { timeout: 30_000 },
  workers: 1,
  // A second try, counted as flaky, tells what is broken from what was slow once.
  retries: 1,
  reporter: report ? [['list'], ['json', { outputFile: report }]] : [['list']],
  use: {
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      // Root needs no-sandbox (tests only); software rendering gives WebGL2 everywhere.
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        '--disable-background-networking',
      ],
    },
    viewport: { width: 1600, height: 900 },
  },
});
