import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { build } from 'vite';
import { administerCatalogue, readCatalogueMigrations } from '../../core/adapters/catalogue/index.ts';
import type { LocalPostgres } from '../support/start-postgres.ts';
import { makeRandom } from './make-random.ts';
import type { Answer, Command, Setup, SharedState } from './model.ts';

/** What a simulated season is made of. */
export interface Season {
  readonly seed: number;
  readonly operations: number;
  /** Share of operations before which a workstation is killed. */
  readonly kills: number;
  /** How often PostgreSQL is killed and comes back. */
  readonly serverKills: number;
  /** Share of messages that are cut, lost or doubled. */
  readonly faults: number;
}

/** What came of it. */
export interface SeasonReport {
  readonly made: number;
  readonly killed: number;
  readonly serverKilled: number;
  readonly cut: number;
  readonly lost: readonly string[];
  readonly states: readonly SharedState[];
  readonly rowsOnServer: number;
  readonly labelsOnServer: readonly string[];
}

const HOURS = 3600_000;
/** Most that a workstation is told to do before it has answered. */
const HANDFUL = 24;

/**
 * Let three workstations observe, label and edit without much of a network, then exchange until all is quiet.
 *
 * Two of them belong to one person (their edits of one profile meet), the third to an admin. Clocks are hours apart.
 */
export async function observeTogether(server: LocalPostgres, season: Season): Promise<SeasonReport> {
  const random = makeRandom(season.seed);
  const name = `season_${season.seed}`;
  await server.createDatabase(name);
  const owner = administerCatalogue({ url: server.address(name) });
  await owner.setUp(readCatalogueMigrations(resolve('migrations/postgres')));
  const projectId = makeId(season.seed, 0, 0);
  await owner.createProject({ id: projectId, name });
  const login = (who: string): string => `${who}_${season.seed}`;
  const passwords = {
    ada: await owner.addMember(projectId, login('ada'), 'operator'),
    vera: await owner.addMember(projectId, login('vera'), 'admin'),
  };
  await owner.close();
  const root = mkdtempSync(join(tmpdir(), 'astrid-season-'));
  const stations = (['ada', 'ada', 'vera'] as const).map((who, n) => {
    const setup: Setup = {
      folder: join(root, `workspace-${n}`),
      url: server.address(name, login(who), passwords[who]),
      projectId,
      seed: season.seed * 10 + n,
      skewMs: [0, 5 * HOURS, -3 * HOURS][n]!,
      faults: season.faults,
    };
    return { who, n, setup, station: undefined as Station | undefined, restarts: 0 };
  });
  const acknowledged: string[] = [];
  const lost: string[] = [];
  let killed = 0;
  let serverKilled = 0;
  let cut = 0;
  let done = 0;
  const launch = async (at: (typeof stations)[number]): Promise<Station> =>
    (at.station ??= await startStation({ ...at.setup, seed: at.setup.seed + 1000 * at.restarts++ }));
  const tell = async (at: (typeof stations)[number], command: Command): Promise<Answer> =>
    (await launch(at)).tell(command);
  const hear = (at: (typeof stations)[number], answer: Answer): void => {
    if (answer.kind === 'failed')
      throw new Error(`workstation ${at.n} of seed ${season.seed}: ${answer.message}`);
    if (answer.kind === 'made') acknowledged.push(...answer.ids);
    if (answer.kind === 'cut') cut++;
  };
  /** What one workstation does all season, a handful of things at a time, while the others do theirs. */
  const work = async (at: (typeof stations)[number], commands: readonly Command[]): Promise<void> => {
    const own = makeRandom(at.setup.seed);
    for (let first = 0; first < commands.length; ) {
      const handful = commands.slice(first, first + 1 + Math.floor(own() * HANDFUL));
      first += handful.length;
      const station = await launch(at);
      const answers = handful.map((command) => station.tell(command));
      if (own() < season.kills * handful.length) {
        // In the middle of its work: what was not acknowledged may be there or not.
        killed++;
        const heard = Promise.allSettled(answers);
        await new Promise((resume) => setTimeout(resume, own() * 12));
        station.kill();
        at.station = undefined;
        for (const answer of await heard) if (answer.status === 'fulfilled') hear(at, answer.value);
      } else for (const answer of await Promise.all(answers)) hear(at, answer);
      done += handful.length;
    }
  };
  /** Power cuts at the server, spread over the season. */
  const cutPower = async (): Promise<void> => {
    for (let n = 1; n <= season.serverKills; n++) {
      while (done < (n * season.operations) / (season.serverKills + 1))
        await new Promise((resume) => setTimeout(resume, 20));
      serverKilled++;
      await server.kill();
      await server.start();
    }
  };
  try {
    const plans = stations.map((): Command[] => []);
    for (let n = 0; n < season.operations; n++) {
      const at = stations[Math.floor(random() * stations.length)]!;
      plans[at.n]!.push(chooseCommand(random, season.seed, n, at.who, at.n));
    }
    await Promise.all([...stations.map((at) => work(at, plans[at.n]!)), cutPower()]);
    // Twice around: the last to send is heard by the first only in the second.
    for (let round = 0; round < 2; round++)
      for (const at of stations) {
        const answer = await tell(at, { kind: 'exchange', batch: 500, isQuiet: true });
        if (answer.kind !== 'done') throw new Error(`seed ${season.seed}: ${JSON.stringify(answer)}`);
      }
    const states: SharedState[] = [];
    for (const at of stations) {
      const answer = await tell(at, { kind: 'state' });
      if (answer.kind !== 'state') throw new Error(JSON.stringify(answer));
      states.push(answer.state);
    }
    const rows = await server.query<{ key: string; entity: string }>(
      name,
      'SELECT entity, key FROM astrid.changes',
    );
    const labelsOnServer = rows.flatMap(({ entity, key }) => (entity === 'curation-event' ? [key] : []));
    const known = new Set(labelsOnServer);
    lost.push(...acknowledged.filter((id) => !known.has(id)));
    return {
      made: acknowledged.length,
      killed,
      serverKilled,
      cut,
      lost,
      states,
      rowsOnServer: rows.length,
      labelsOnServer,
    };
  } finally {
    for (const { station } of stations) station?.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

function chooseCommand(
  random: () => number,
  seed: number,
  n: number,
  who: 'ada' | 'vera',
  station: number,
): Command {
  const dice = random();
  const at = random();
  // Ada has one profile on both her machines, Vera hers.
  const curator = makeId(seed, 1, who === 'ada' ? 1 : 2);
  const id = makeId(seed, 2, n + 1);
  if (dice < 0.03)
    // Now and then all of them process the same pair, and some of them process it again.
    return {
      kind: 'process',
      name: at < 0.3 ? `field-${Math.floor(n / 60)}-same` : `field-${n}-${station}`,
      isAgain: at < 0.1,
    };
  if (dice < 0.5) return { kind: 'curate', what: 'label', curator, id, at };
  if (dice < 0.55) return { kind: 'name', at, name: n % 5 === 0 ? undefined : `${who} ${n % 4}` };
  if (dice < 0.62) return { kind: 'curate', what: 'comment', curator, id, at };
  if (dice < 0.68) return { kind: 'curate', what: 'flag', curator, id, at };
  if (dice < 0.78) return { kind: 'retract', curator, id, at };
  if (dice < 0.84)
    return {
      kind: 'profile',
      curator: {
        id: curator,
        name: `${who} ${Math.floor(at * 5)}`,
        shortId: 'AB',
        colour: Math.floor(at * 8),
        shape: 'disc',
      },
    };
  if (dice < 0.86 && who === 'vera')
    return n % 2 === 0
      ? { kind: 'rules', repeatFraction: Math.floor(at * 5) / 100 }
      : { kind: 'rules', labelsWanted: 1 + Math.floor(at * 5) };
  if (dice < 0.87)
    return {
      kind: 'filter',
      name: `filter ${Math.floor(at * 4)}`,
      score: n % 4 === 0 ? undefined : (n % 100) / 100,
    };
  if (dice < 0.88) return { kind: 'settle' };
  return { kind: 'exchange', batch: 1 + Math.floor(at * 40), isQuiet: false };
}

/**
 * The workstation in one file: killed a hundred times a season, it is started as often, and reading the sources of
 * everything it imports takes a second each time.
 */
const program = bundleWorkstation();

async function bundleWorkstation(): Promise<string> {
  const folder = resolve('.cache', `season-${process.pid}`);
  await build({
    configFile: false,
    logLevel: 'silent',
    build: { ssr: resolve('tests/sync/workstation.ts'), outDir: folder, target: 'node24' },
    ssr: { noExternal: true, external: ['better-sqlite3', 'pg-native'] },
  });
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'workstation.js');
}

interface Station {
  tell(command: Command): Promise<Answer>;
  kill(): void;
}

async function startStation(setup: Setup): Promise<Station> {
  const child: ChildProcess = spawn(process.execPath, [await program, JSON.stringify(setup)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: Interface = createInterface({ input: child.stdout! });
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  lines.on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Answer));
  child.once('exit', () => {
    // What was written before the end is read first.
    setTimeout(() => {
      for (const one of waiting.splice(0)) one.reject(new Error('the workstation ended'));
    }, 50);
  });
  const next = (): Promise<Answer> =>
    new Promise((resolveNext, reject) => waiting.push({ resolve: resolveNext, reject }));
  await next();
  return {
    tell: (command) => {
      child.stdin!.write(`${JSON.stringify(command)}\n`);
      return next();
    },
    kill: () => {
      child.stdin!.on('error', () => undefined);
      child.kill('SIGKILL');
    },
  };
}

function makeId(seed: number, kind: number, n: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  return `01910000-${hex(seed % 65536, 4)}-7000-8${hex(kind, 3)}-${hex(n, 12)}`;
}
