/**
 * `npx node tests/api/run-events.ts --clients 200 --changes 500`: clients that follow the event log and whose lines are cut.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { seedWorkspace } from '../support/seed-workspace.ts';
import { residentOf } from '../support/serve-workspace.ts';
import { makeRandom } from '../sync/make-random.ts';
import { followTogether } from './follow-events.ts';
import { startServer } from './start-server.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    changes: { type: 'string', default: '300' },
    slow: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'astrid-events-'));
try {
  await seedWorkspace(folder);
  const server = await startServer(folder, 'core');
  try {
    // Clients that ask and never read.
    const slow = Array.from({ length: Number(values.slow) }, () => {
      const socket = connect(server.port, '127.0.0.1', () =>
        socket.write(
          `GET /api/v1/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\n\r\n`,
        ),
      );
      return socket.on('error', () => undefined).pause();
    });
    const before = residentOf(server.pid);
    const report = await followTogether(server, {
      clients: Number(values.clients),
      changes: Number(values.changes),
      cutChance: 0.02,
      random: makeRandom(Number(values.seed)),
      withinMs: 120_000,
    });
    const after = residentOf(server.pid);
    for (const socket of slow) socket.destroy();
    console.log(
      `${values.clients} clients, ${report.events} events, ${report.cuts} cuts in ${report.seconds.toFixed(1)} s: ` +
        `${report.wrong.length} clients missed, repeated or disordered any`,
    );
    console.log(
      `${values.slow} clients that never read; memory ${(before / 1e6).toFixed(0)} MB before, ${(after / 1e6).toFixed(0)} MB after`,
    );
    if (report.wrong.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
