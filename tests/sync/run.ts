/**
 * `npm run test:sync -- --seeds 50 --operations 10000`: seasons of three workstations that have to agree in the end.
 */
import { parseArgs } from 'node:util';
import { startPostgres } from '../support/start-postgres.ts';
import type { SharedState } from './model.ts';
import { observeTogether } from './observe-together.ts';
import { sortNames } from './read-state.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '50' },
    first: { type: 'string', default: '1' },
    operations: { type: 'string', default: '10000' },
    faults: { type: 'string', default: '0.2' },
  },
});

/** What workstations do not agree on, one thing a line. */
function describeDifferences(states: readonly SharedState[]): readonly string[] {
  const lines = states.flatMap(({ toSend, held }, n) =>
    toSend + held > 0 ? [`workstation ${n}: ${toSend} to send, ${held} held`] : [],
  );
  for (const part of ['events', 'fields', 'candidates'] as const) {
    const names = new Set(states.flatMap((state) => Object.keys(state[part])));
    for (const name of names) {
      const said = states.map((state) => state[part][name] ?? 'absent');
      if (new Set(said).size > 1) lines.push(`${part} ${name}: ${said.join(' | ')}`);
    }
  }
  for (const part of ['runs', 'taxonomies'] as const)
    for (const name of new Set(states.flatMap((state) => state[part]))) {
      const counts = states.map((state) => state[part].filter((one) => one === name).length);
      if (new Set(counts).size > 1) lines.push(`${part} ${name}: ${counts.join(' | ')}`);
    }
  return lines;
}

const server = await startPostgres();
let failed = 0;
try {
  console.log(
    'seed  operations  acknowledged  changes  killed  server killed  cut  seconds  agree  lost  doubled',
  );
  for (let n = 0; n < Number(values.seeds); n++) {
    const seed = Number(values.first) + n;
    const startedMs = performance.now();
    const report = await observeTogether(server, {
      seed,
      operations: Number(values.operations),
      kills: 0.01,
      serverKills: 2,
      faults: Number(values.faults),
    });
    const [first, ...others] = report.states.map((state) => JSON.stringify(sortNames(state)));
    const agree =
      others.every((other) => other === first) && report.states.every(({ toSend }) => toSend === 0);
    const doubled = report.labelsOnServer.length - new Set(report.labelsOnServer).size;
    if (!agree)
      for (const line of describeDifferences(report.states).slice(0, 20)) console.log(`      ${line}`);
    if (!agree || doubled > 0 || report.lost.length > 0) failed++;
    console.log(
      [
        seed.toString().padStart(4),
        values.operations.padStart(11),
        String(report.made).padStart(13),
        String(report.rowsOnServer).padStart(8),
        String(report.killed).padStart(7),
        String(report.serverKilled).padStart(14),
        String(report.cut).padStart(4),
        ((performance.now() - startedMs) / 1000).toFixed(1).padStart(8),
        (agree ? 'yes' : 'NO').padStart(6),
        String(report.lost.length).padStart(5),
        String(doubled).padStart(8),
      ].join(' '),
    );
  }
} finally {
  await server.remove();
}
console.log(failed === 0 ? 'all agree, nothing lost, nothing doubled' : `${failed} seeds failed`);
process.exitCode = failed === 0 ? 0 : 1;
