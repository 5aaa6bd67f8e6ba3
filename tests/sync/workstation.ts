/**
 * One workstation of the simulated observatories, as a process of its own that can be killed.
 *
 * It takes commands as lines of JSON on stdin and answers each with a line on stdout once its work is on disk. Its
 * clock is wrong by a given time, and its line to the shared catalogue breaks, loses answers and delivers twice.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { openCatalogue } from '../../core/adapters/catalogue/index.ts';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { exchangeChanges, type SharedCatalogue } from '../../core/domains/sync/index.ts';
import { isAstridError } from '../../core/utils/index.ts';
import { finishWith, MIGRATIONS, makeDetection, makeScored } from '../support/temporary-workspace.ts';
import { makeRandom } from './make-random.ts';
import type { Answer, Command, Setup } from './model.ts';
import { readState } from './read-state.ts';

const setup = JSON.parse(process.argv[2]!) as Setup;
const random = makeRandom(setup.seed);
const database = await openDatabase({
  folder: setup.folder,
  migrationsFolder: MIGRATIONS,
  log: { warn: () => undefined },
  clock: () => new Date(Date.now() + setup.skewMs),
});
const catalogue = openCatalogue({ url: setup.url }, setup.projectId);

// Who simulates a person's eye need not make lists for it: what is looked at is read from the file itself.
const reader = new Database(join(setup.folder, 'workspace.sqlite'), { readonly: true });
const runsOf = reader.prepare<[string], number>('SELECT count(*) FROM runs WHERE science_path = ?').pluck();
const candidateAt = reader
  .prepare<[number], string>(
    `SELECT id FROM detections WHERE is_vetoed = 0 AND superseded_at IS NULL ORDER BY score DESC, id
     LIMIT 1 OFFSET CAST(? * (SELECT count(*) FROM detections WHERE is_vetoed = 0 AND superseded_at IS NULL) AS INTEGER)`,
  )
  .pluck();

const objectAt = reader
  .prepare<[number], string>(
    `SELECT id FROM sky_objects WHERE detection_count > 0 ORDER BY ra_deg
     LIMIT 1 OFFSET CAST(? * (SELECT count(*) FROM sky_objects WHERE detection_count > 0) AS INTEGER)`,
  )
  .pluck();

/** What is found on every pair. */
const CANDIDATES = 4;

/** Three fields of the sky are looked at again and again; each workstation measures a little beside the others. */
const placeOf = (field: number, n: number) => ({
  raDeg: 10 + 0.05 * (CANDIDATES * (field % 3) + n) + ((setup.seed % 10) * 0.1) / 3600,
  decDeg: 0.5,
});

class LineCut extends Error {}

/** The line between: it may be cut before or after the work is done, and delivers what was delivered before. */
const faulty: SharedCatalogue = {
  push: async (changes) => {
    if (random() < setup.faults / 2) throw new LineCut();
    const answers = await catalogue.push(changes);
    if (random() < setup.faults / 2) throw new LineCut();
    // Delivered twice.
    return random() < setup.faults ? await catalogue.push(changes) : answers;
  },
  pull: async (afterSeq, limit) => {
    if (random() < setup.faults / 2) throw new LineCut();
    const changes = await catalogue.pull(afterSeq, limit);
    // What was asked for earlier arrives now: after another cursor, and out of order.
    if (random() < setup.faults) {
      const earlier = Math.max(0, afterSeq - 1 - Math.floor(random() * 3));
      await database.changes.receive(earlier, [...(await catalogue.pull(earlier, limit))].reverse());
    }
    if (random() < setup.faults / 2) throw new LineCut();
    return changes;
  },
};

/** Process all that is queued: what was asked for now, and what a kill left half-way. */
async function workQueue(): Promise<void> {
  for (;;) {
    const claim = await database.queue.claim({ worker: 'line', leaseMs: 60_000 });
    if (claim === undefined) return;
    // The same pair has the same candidates, whoever looks for them.
    const { sciencePath } = await database.runs.get(claim.runId);
    const field = Number(/field-(\d+)-/.exec(sciencePath)![1]);
    await finishWith(
      database,
      claim,
      Array.from({ length: CANDIDATES }, (_, n) =>
        makeScored(makeDetection(field * 0.01 + n * 10, field % 97, placeOf(field, n)), random(), n + 1),
      ),
    );
    await database.runs.finish(claim.runId, claim.lease);
  }
}

async function run(command: Command): Promise<Answer> {
  switch (command.kind) {
    case 'process': {
      const runs = runsOf.get(`/night/${command.name}-science.fits`)!;
      if (runs >= (command.isAgain ? 3 : 1)) return { kind: 'done' };
      await database.runs.create({
        sciencePath: `/night/${command.name}-science.fits`,
        templatePath: `/night/${command.name}-template.fits`,
        options: { allowBandMismatch: false },
      });
      await workQueue();
      return { kind: 'done' };
    }
    case 'curate': {
      const candidateId = candidateAt.get(command.at);
      if (candidateId === undefined) return { kind: 'done' };
      const { id } = command;
      const event =
        command.what === 'comment'
          ? ({ kind: 'comment', id, candidateId, text: `seen ${id}` } as const)
          : command.what === 'flag'
            ? ({ kind: 'flag', id, candidateId, isSet: command.at < 0.5 } as const)
            : ({
                kind: 'label',
                id,
                candidateId,
                purpose: 'work',
                verdict: command.at < 0.5 ? 'real' : 'bogus',
                scoreVisible: true,
              } as const);
      await database.curation.record(command.curator, [event]);
      return { kind: 'made', ids: [id] };
    }
    case 'retract': {
      const { items: history } = await database.curation.history(command.curator, { limit: 50 });
      const target = history[Math.floor(command.at * history.length)];
      if (target === undefined) return { kind: 'done' };
      await database.curation.record(command.curator, [
        { kind: 'retraction', id: command.id, retractsId: target.id },
      ]);
      return { kind: 'made', ids: [command.id] };
    }
    case 'profile':
      await database.curationRules.saveCurator(command.curator);
      return { kind: 'done' };
    case 'rules':
      await database.curationRules.setConsensus({
        ...(await database.curationRules.consensus()),
        ...(command.repeatFraction === undefined ? {} : { repeatFraction: command.repeatFraction }),
        ...(command.labelsWanted === undefined ? {} : { labelsWanted: command.labelsWanted }),
      });
      return { kind: 'done' };
    case 'filter': {
      const { name, score } = command;
      const kept = ((await database.settings.get('curation.filters')) ?? []) as { readonly name: string }[];
      const others = kept.filter((one) => one.name !== name);
      const saved = { name, order: 'score', filter: { score: { min: score } } };
      await database.settings.set('curation.filters', score === undefined ? others : [...others, saved]);
      return { kind: 'done' };
    }
    case 'name': {
      const id = objectAt.get(command.at);
      if (id !== undefined) await database.objectNames.give(id, command.name);
      return { kind: 'done' };
    }
    case 'settle': {
      const [conflict] = (await database.changes.listConflicts({ limit: 1 })).items;
      if (conflict !== undefined) await database.changes.resolve(conflict, conflict.losers[0]!.id);
      return { kind: 'done' };
    }
    case 'exchange':
      try {
        await exchangeChanges(database.changes, command.isQuiet ? catalogue : faulty, {
          batch: command.batch,
        });
        return { kind: 'done' };
      } catch (error) {
        // Anything but the line itself is a failure of ours.
        const isTheLine =
          error instanceof LineCut || (isAstridError(error) && error.code === 'sync/unreachable');
        if (command.isQuiet || !isTheLine) throw error;
        return { kind: 'cut' };
      }
    case 'state':
      return { kind: 'state', state: await readState(database, setup.folder) };
  }
}

await workQueue();
process.stdout.write('{"kind":"ready"}\n');
for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer;
  try {
    answer = await run(JSON.parse(line) as Command);
  } catch (error) {
    answer = {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
reader.close();
await catalogue.close();
database.close();
