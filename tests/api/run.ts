/**
 * `npm run test:api -- --requests 10000 --seed 1`: every route asked at random; no 5xx, no hang, every answer as promised.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { residentOf } from '../support/serve-workspace.ts';
import { makeRandom } from '../sync/make-random.ts';
import { fuzz } from './fuzz.ts';
import { prepareFuzz } from './prepare-fuzz.ts';
import { startServer } from './start-server.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    'within-ms': { type: 'string', default: '20000' },
    entry: { type: 'string', default: 'astrid serve' },
    without: { type: 'string', multiple: true },
  },
});

/** An answer that is told although it is as promised, ms. */
const SLOW_MS = 5000;

const folder = mkdtempSync(join(tmpdir(), 'astrid-fuzz-'));
try {
  const known = await prepareFuzz(folder);
  const server = await startServer(folder, values.entry === 'core' ? 'core' : 'astrid serve');
  const before = residentOf(server.pid);
  const startedMs = performance.now();
  try {
    const report = await fuzz(server, {
      requests: Number(values.requests),
      random: makeRandom(Number(values.seed)),
      withinMs: Number(values['within-ms']),
      known,
      ...(values.without === undefined ? {} : { without: values.without }),
      onAnswer: (number, asked, { milliseconds }) => {
        if (milliseconds > SLOW_MS)
          console.log(
            `${number} ${asked.method} ${asked.target.slice(0, 200)} took ${milliseconds.toFixed(0)} ms`,
          );
        if (number % 1000 === 999) console.log(`${number + 1} requests`);
      },
      onFault: ({ number, asked, what }) => {
        const body = asked.body === undefined ? '' : ` ${new TextDecoder().decode(asked.body).slice(0, 300)}`;
        console.log(
          `${number} ${asked.method} ${asked.target.slice(0, 300)} ${JSON.stringify(asked.headers).slice(0, 300)}${body}\n    ${what}`,
        );
      },
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const statuses = [...report.byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, count]) => `${status}: ${count}`);
    console.log(
      `${report.requests} requests of ${report.routes} routes in ${seconds.toFixed(0)} s; ${statuses.join(', ')}`,
    );
    console.log(`slowest ${report.slowest.milliseconds.toFixed(0)} ms: ${report.slowest.what}`);
    console.log(
      `memory ${(before / 1e6).toFixed(0)} MB before, ${(residentOf(server.pid) / 1e6).toFixed(0)} MB after`,
    );
    console.log(report.faults.length === 0 ? 'every answer as promised' : `${report.faults.length} faults`);
    if (server.hasEnded()) console.log('the server has ended by itself');
    if (report.faults.length > 0 || server.hasEnded()) {
      process.exitCode = 1;
      console.log(tellBugs(server.log()));
    }
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** What the log says of bugs, each once. */
function tellBugs(log: string): string {
  const told = log.split('\n').map((line) => {
    try {
      const { msg, procedure = '', url = '', err } = JSON.parse(line);
      const at =
        String(err?.stack)
          .split('\n')
          .find((one) => one.includes('/core/')) ?? '';
      return `${msg} ${procedure}${url.slice(0, 200)}: ${err?.message}\n ${at}`;
    } catch {
      return line;
    }
  });
  return [...new Set(told)].join('\n');
}
