import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeRandom } from '../sync/make-random.ts';
import { fuzz } from './fuzz.ts';
import { prepareFuzz } from './prepare-fuzz.ts';
import { startServer } from './start-server.ts';

test('every route, asked as it should be and as it should not, answers what the document promises', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-fuzz-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const known = await prepareFuzz(folder);
  const server = await startServer(folder, 'core');
  onTestFinished(() => server.stop());
  const report = await fuzz(server, {
    requests: 500,
    random: makeRandom(7),
    withinMs: 30_000,
    known,
    // Half a minute of work for the whole machine: `npm run test:api` asks it too.
    without: ['POST /api/v1/runs/sample-night'],
  });
  const told = report.faults.map(({ asked, what }) => `${asked.method} ${asked.target}: ${what}`);
  expect(told).toEqual([]);
  expect(report.byStatus.get(200)).toBeGreaterThan(50);
  expect(server.hasEnded()).toBe(false);
}, 300_000);
