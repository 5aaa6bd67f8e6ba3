import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalPostgres, startPostgres } from '../../../tests/support/start-postgres.ts';
import type { Change } from '../../domains/sync/index.ts';
import { connectPool } from './connect.ts';
import { administerCatalogue, openCatalogue, readCatalogueMigrations } from './index.ts';
import { KNOWN_SCHEMA } from './open-catalogue.ts';

const NORTH = '0195b000-0000-7000-8000-000000000001';
const SOUTH = '0195b000-0000-7000-8000-000000000002';
const MIGRATIONS = readCatalogueMigrations('migrations/postgres');

let server: LocalPostgres;
const passwords = new Map<string, string>();

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('sky');
  const owner = administerCatalogue({ url: server.address('sky') });
  await owner.setUp(MIGRATIONS);
  await owner.createProject({ id: NORTH, name: 'north' });
  await owner.createProject({ id: SOUTH, name: 'south' });
  for (const [project, login, role] of [
    [NORTH, 'ada', 'labeller'],
    [NORTH, 'ben', 'labeller'],
    [NORTH, 'vera', 'viewer'],
    [NORTH, 'otto', 'operator'],
    [NORTH, 'anna', 'admin'],
    [SOUTH, 'sue', 'admin'],
  ] as const)
    passwords.set(login, (await owner.addMember(project, login, role)) ?? '');
  await owner.close();
});
afterAll(() => server?.remove());

const addressOf = (login: string): string => server.address('sky', login, passwords.get(login));

async function as<Result>(
  login: string,
  work: (catalogue: ReturnType<typeof openCatalogue>) => Promise<Result>,
  project = NORTH,
): Promise<Result> {
  const catalogue = openCatalogue({ url: addressOf(login) }, project);
  try {
    return await work(catalogue);
  } finally {
    await catalogue.close();
  }
}

let made = 0;
const makeId = (): string => `0195c000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}`;
const makeClock = (ms = Date.now()): string => `${ms.toString(16).padStart(12, '0')}-0000`;

function makeLabel(curator: string, more: Partial<Change> = {}): Change {
  const id = makeId();
  const clock = makeClock();
  return {
    id,
    kind: 'append',
    entity: 'curation-event',
    key: id,
    value: { id, curator, verdict: 'real', clock },
    clock,
    ...more,
  } as Change;
}

describe('the shared catalogue', () => {
  it('knows a migration for the schema that the program knows', () => {
    expect(MIGRATIONS.length).toBe(KNOWN_SCHEMA);
  });

  it('is set up once, however often it is asked to be', async () => {
    const owner = administerCatalogue({ url: server.address('sky') });
    expect(await owner.setUp(MIGRATIONS)).toBe(KNOWN_SCHEMA);
    await owner.close();
  });

  it('stores a change once, in the order of arrival, under the login that sent it', async () => {
    const label = makeLabel('curator-ada');
    const [first] = await as('ada', (catalogue) => catalogue.push([label]));
    const [again] = await as('ada', (catalogue) => catalogue.push([label]));
    expect(first).toMatchObject({ id: label.id, status: 'stored', author: 'ada' });
    expect(again).toEqual({ ...first, status: 'known' });
    const pulled = await as('vera', (catalogue) => catalogue.pull((first as { seq: number }).seq - 1, 10));
    expect(pulled[0]).toMatchObject({ ...label, seq: (first as { seq: number }).seq, author: 'ada' });
  });

  it('keeps a value that is null as the value it is', async () => {
    const forgotten = makeLabel('curator-ada', {
      ...{ kind: 'set', entity: 'filter', key: 'labelling/bright', field: 'value', value: null, basedOn: [] },
    } as Partial<Change>);
    const [stored] = await as('ada', (catalogue) => catalogue.push([forgotten]));
    expect(stored).toMatchObject({ status: 'stored' });
    const { seq } = stored as { seq: number };
    expect(await as('vera', (catalogue) => catalogue.pull(seq - 1, 1))).toMatchObject([{ value: null }]);
  });

  it('refuses what it should not believe, says why, and takes the rest', async () => {
    const good = makeLabel('curator-ada');
    const forged = makeLabel('curator-ada');
    await as('ada', (catalogue) => catalogue.push([makeLabel('curator-ada')]));
    const answers = await as('ben', (catalogue) =>
      catalogue.push([
        forged,
        makeLabel('curator-ben'),
        makeLabel('curator-ben', { id: 'no-uuid' } as Partial<Change>),
        makeLabel('curator-ben', { clock: 'noon' } as Partial<Change>),
        makeLabel('curator-ben', { value: null }),
        makeLabel('curator-ben', {
          value: { curator: 'curator-ben', text: 'x'.repeat(300_000) },
        } as Partial<Change>),
        makeLabel('curator-ben', { entity: 'run' } as Partial<Change>),
        makeLabel('curator-ben', { entity: 'members' } as unknown as Partial<Change>),
        makeLabel('curator-ben', {
          key: good.key,
          id: good.id,
          value: { curator: 'curator-ben' },
        } as Partial<Change>),
      ]),
    );
    expect(answers.map((answer) => ('code' in answer ? answer.code : answer.status))).toEqual([
      'sync/not-your-curator',
      'stored',
      'sync/malformed-change',
      'sync/malformed-change',
      'sync/malformed-change',
      'sync/change-too-large',
      'sync/not-permitted',
      'sync/not-permitted',
      'stored',
    ]);
    const [reused] = await as('ada', (catalogue) => catalogue.push([good]));
    expect(reused).toMatchObject({ status: 'refused', code: 'sync/id-reused' });
  });

  it('does not let a clock that runs ahead win against the future', async () => {
    const ahead = makeClock(Date.now() + 3 * 3600_000);
    const label = makeLabel('curator-ada', { clock: ahead });
    const [answer] = await as('ada', (catalogue) => catalogue.push([label]));
    const { clock } = answer as { clock: string };
    expect(clock < makeClock(Date.now() + 60_000)).toBe(true);
    const [late] = await as('ada', (catalogue) => catalogue.push([makeLabel('curator-ada')]));
    expect((late as { clock: string }).clock > clock).toBe(true);
    const late24h = makeLabel('curator-ada', { clock: makeClock(Date.now() - 7 * 86400_000) });
    expect(await as('ada', (catalogue) => catalogue.push([late24h]))).toMatchObject([
      { clock: late24h.clock },
    ]);
  });

  it('lets each role write what it may, and nobody more', async () => {
    const entities = {
      'curation-event': ['ada', 'otto', 'anna'],
      filter: ['ada', 'otto', 'anna'],
      run: ['otto', 'anna'],
      detection: ['otto', 'anna'],
      setting: ['anna'],
      taxonomy: ['anna'],
      project: [],
    } as const;
    for (const [entity, writers] of Object.entries(entities))
      for (const login of ['vera', 'ada', 'otto', 'anna']) {
        const [answer] = await as(login, (catalogue) =>
          catalogue.push([makeLabel(`curator-${login}`, { entity } as Partial<Change>)]),
        );
        expect({ entity, login, status: answer?.status }).toEqual({
          entity,
          login,
          status: (writers as readonly string[]).includes(login) ? 'stored' : 'refused',
        });
      }
  });

  it('shows members nothing of another team, by any statement of their own', async () => {
    await as('sue', (catalogue) => catalogue.push([makeLabel('curator-sue')]), SOUTH);
    const pool = connectPool({ url: addressOf('ada') });
    try {
      for (const table of ['changes', 'members', 'curators']) {
        const { rows } = await pool.query(`SELECT DISTINCT project_id FROM astrid.${table}`);
        expect(rows).toEqual([{ project_id: NORTH }]);
      }
      expect((await pool.query('SELECT name FROM astrid.projects')).rows).toEqual([{ name: 'north' }]);
      for (const statement of [
        `INSERT INTO astrid.changes SELECT '${SOUTH}', 99, gen_random_uuid(), 'append', 'run', 'x', NULL, '1', '{}', '0', 'sue', now()`,
        `INSERT INTO astrid.changes SELECT '${NORTH}', 99, gen_random_uuid(), 'append', 'run', 'x', NULL, '1', '{}', '0', 'otto', now()`,
        `UPDATE astrid.changes SET author = 'ada'`,
        'DELETE FROM astrid.changes',
        `UPDATE astrid.members SET role = 'admin'`,
        `INSERT INTO astrid.members (project_id, login, role) VALUES ('${SOUTH}', 'ada', 'admin')`,
        `UPDATE astrid.projects SET head = 0`,
        `INSERT INTO astrid.curators VALUES ('${NORTH}', 'curator-ben', 'ada')`,
        'TRUNCATE astrid.changes CASCADE',
        'DROP SCHEMA astrid CASCADE',
        'ALTER TABLE astrid.changes DISABLE ROW LEVEL SECURITY',
        'SET SESSION AUTHORIZATION sue',
        'SET ROLE owner',
      ])
        await expect(pool.query(statement), statement).rejects.toMatchObject({ code: '42501' });
      await expect(pool.query(`SELECT astrid.push($1, 1, '[]')`, [SOUTH])).rejects.toMatchObject({
        code: 'AS001',
      });
    } finally {
      await pool.end();
    }
    expect(await as('ada', (catalogue) => catalogue.pull(0, 10), SOUTH)).toEqual([]);
    await expect(as('ada', (catalogue) => catalogue.examine(), SOUTH)).rejects.toMatchObject({
      code: 'sync/not-a-member',
    });
  });

  it('shuts out a member who was revoked, and keeps what was said', async () => {
    const owner = administerCatalogue({ url: server.address('sky') });
    passwords.set('gone', (await owner.addMember(NORTH, 'gone', 'labeller'))!);
    const [kept] = await as('gone', (catalogue) => catalogue.push([makeLabel('curator-gone')]));
    await owner.revokeMember(NORTH, 'gone');
    await owner.close();
    await expect(
      as('gone', (catalogue) => catalogue.push([makeLabel('curator-gone')])),
    ).rejects.toMatchObject({
      code: 'sync/not-a-member',
    });
    expect(await as('gone', (catalogue) => catalogue.pull(0, 10))).toEqual([]);
    expect(await as('ada', (catalogue) => catalogue.pull((kept as { seq: number }).seq - 1, 1))).toHaveLength(
      1,
    );
  });

  it('never shows a number before all that come earlier are there', async () => {
    // Eight at once, each holding its transaction open for a while after its rows were numbered.
    const started = (await as('vera', (catalogue) => catalogue.examine())).project.head;
    const seen: number[] = [];
    let isOver = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const client = new pg.Client(addressOf('ada'));
      await client.connect();
      for (let round = 0; round < 6; round++) {
        await client.query('BEGIN');
        await client.query('SELECT astrid.push($1, 1, $2::jsonb)', [
          NORTH,
          JSON.stringify([makeLabel('curator-ada'), makeLabel('curator-ada')]),
        ]);
        await client.query('SELECT pg_sleep($1)', [((writer * 7 + round * 3) % 10) / 400]);
        await client.query(round % 4 === 3 ? 'ROLLBACK' : 'COMMIT');
      }
      await client.end();
    });
    const reader = as('vera', async (catalogue) => {
      let cursor = started;
      for (;;) {
        const wasOver = isOver;
        const changes = await catalogue.pull(cursor, 7);
        for (const { seq } of changes) seen.push(seq);
        cursor = changes.at(-1)?.seq ?? cursor;
        if (changes.length === 0 && wasOver) return;
      }
    });
    await Promise.all(writers);
    isOver = true;
    await reader;
    expect(seen).toEqual(Array.from({ length: 80 }, (_, at) => started + 1 + at));
  });

  it('says what is wrong with a connection', async () => {
    const fail = async (url: string, project = NORTH): Promise<string> => {
      const catalogue = openCatalogue({ url }, project);
      try {
        await catalogue.examine();
        return 'fine';
      } catch (error) {
        expect(String((error as Error).message)).not.toContain('secret');
        return (error as { code: string }).code;
      } finally {
        await catalogue.close();
      }
    };
    expect(await fail(addressOf('ada'))).toBe('fine');
    expect(await fail(server.address('sky', 'ada', 'secret'))).toBe('sync/wrong-password');
    expect(await fail(server.address('sky', 'nobody', 'secret'))).toBe('sync/wrong-password');
    expect(await fail(server.address('sea', 'ada', passwords.get('ada')))).toBe('sync/no-such-database');
    expect(await fail(server.address('postgres'))).toBe('sync/not-set-up');
    expect(await fail('postgresql://ada:secret@127.0.0.1:9/sky')).toBe('sync/unreachable');
    expect(await fail('postgresql://ada:secret@no-such-host.invalid/sky')).toBe('sync/unreachable');
    expect(() => openCatalogue({ url: 'https://ada:secret@host/sky' }, NORTH)).toThrowError(
      expect.objectContaining({ code: 'sync/bad-address' }),
    );
  });

  it('tells a program that is too old, and takes nothing from it', async () => {
    await server.createDatabase('future');
    const owner = administerCatalogue({ url: server.address('future') });
    await owner.setUp([
      ...MIGRATIONS,
      {
        version: KNOWN_SCHEMA + 1,
        name: 'of-the-future.sql',
        sql: 'SELECT 1',
        oldestWriter: KNOWN_SCHEMA + 1,
      },
    ]);
    await owner.createProject({ id: NORTH, name: 'north' });
    await owner.addMember(NORTH, 'ada', 'labeller');
    await expect(owner.setUp(MIGRATIONS)).rejects.toMatchObject({ code: 'sync/catalogue-newer' });
    await owner.close();
    const catalogue = openCatalogue({ url: server.address('future', 'ada', passwords.get('ada')) }, NORTH);
    await expect(catalogue.examine()).rejects.toMatchObject({ code: 'sync/catalogue-newer' });
    await expect(catalogue.push([makeLabel('curator-ada')])).rejects.toMatchObject({
      code: 'sync/program-too-old',
    });
    await catalogue.close();
  });

  it('goes on after the server was killed and came back', async () => {
    const catalogue = openCatalogue({ url: addressOf('ada') }, NORTH);
    const label = makeLabel('curator-ada');
    const [stored] = await catalogue.push([label]);
    await server.kill();
    await expect(catalogue.push([label])).rejects.toMatchObject({ code: 'sync/unreachable' });
    await server.start();
    expect(await catalogue.push([label])).toEqual([{ ...stored, status: 'known' }]);
    await catalogue.close();
  });
});
