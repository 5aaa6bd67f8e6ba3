import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { makeSharedFolder, runAstrid } from '../line/run-astrid.ts';
import { type S3StandIn, startS3StandIn } from '../services/s3-stand-in.ts';
import { addressOfTriplet, MIGRATIONS, seedWorkspace } from '../support/seed-workspace.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

const folder = makeSharedFolder();
const mountain = join(folder, 'mountain');
const valley = join(folder, 'valley');
const PROJECT = '0195b000-0000-7000-8000-0000000000aa';
let server: LocalPostgres;
let bucket: S3StandIn;

beforeAll(async () => {
  server = await startPostgres();
  bucket = await startS3StandIn({ folder: join(folder, 's3'), bucket: 'sky', accessKeyId: 'key' });
  await server.createDatabase('sky');
  Object.assign(process.env, {
    ASTRID_PASSPHRASE: 'per aspera',
    ASTRID_BUCKET_SECRET_ACCESS_KEY: 'not told',
    ASTRID_CATALOGUE_URL: '',
  });
});
afterAll(async () => {
  await bucket?.close();
  await server?.remove();
});

async function run(args: readonly string[], url = ''): Promise<string> {
  process.env.ASTRID_CATALOGUE_URL = url;
  const { code, stdout, stderr } = await runAstrid(['sync', ...args]);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return stdout;
}

const open = (workspace: string) =>
  openDatabase({ folder: workspace, migrationsFolder: MIGRATIONS, log: { warn: () => undefined } });

describe('astrid sync', () => {
  it('brings what one workstation found to another, and its labels back', async () => {
    await seedWorkspace(mountain);
    const owner = server.address('sky');
    await run(['setup', '--project', 'winter', '--id', PROJECT], owner);
    const passwords: Record<string, string> = {};
    for (const [login, role] of [
      ['ada', 'operator'],
      ['vera', 'labeller'],
    ] as const) {
      const told = await run(['member', login, '--project', PROJECT, '--role', role, '--json'], owner);
      passwords[login] = (JSON.parse(told) as { password: string }).password;
    }
    const place = ['--endpoint', bucket.endpoint, '--bucket', 'sky', '--access-key-id', 'key'];
    // Who is a member of one project need not name it.
    const listed = await run(
      ['projects', '--json', '--workspace', valley],
      server.address('sky', 'vera', passwords.vera),
    );
    expect(JSON.parse(listed)).toEqual({
      version: 1,
      projects: [{ id: PROJECT, name: 'winter', role: 'labeller' }],
    });
    for (const [workspace, login, named] of [
      [mountain, 'ada', ['--project', PROJECT]],
      [valley, 'vera', []],
    ] as const)
      await run(
        ['connect', ...named, ...place, '--workspace', workspace],
        server.address('sky', login, passwords[login]),
      );

    const planned = JSON.parse(await run(['--dry-run', '--json', '--workspace', mountain])) as {
      waiting: { entity: string; count: number }[];
      cutoutsToSend: number;
    };
    expect(planned.waiting).toContainEqual({ entity: 'detection', count: 12 });
    expect(planned.cutoutsToSend).toBe(12);
    const sent = JSON.parse(await run(['--json', '--workspace', mountain])) as Record<string, number>;
    expect(sent).toMatchObject({ sent: 13, refused: 0, cutoutsSent: 12 });
    const fetched = JSON.parse(await run(['--json', '--workspace', valley])) as Record<string, number>;
    expect(fetched).toMatchObject({ received: 13, cutoutsFetched: 12, cutoutsMissing: 0 });

    // The candidates of the mountain are labelled in the valley, where no image of theirs is.
    let database = await open(valley);
    const { items } = await database.detections.list({ vetoed: false, order: 'rank', limit: 100 });
    expect(items).toHaveLength(12);
    expect(await database.cutouts.get(addressOfTriplet(0))).toHaveLength(3 * 63 * 63 * 4);
    const { items: runs } = await database.runs.list({ limit: 10 });
    expect(runs).toMatchObject([
      { status: 'done', origin: 'ada', candidateCount: 12, sciencePath: 'good.fits' },
    ]);
    const curator = await database.curationRules.currentCurator('vera');
    await database.curation.record(curator.id, [
      {
        kind: 'label',
        id: '0195b000-0000-7000-8000-0000000000bb',
        candidateId: items[0]!.id,
        purpose: 'work',
        verdict: 'real',
        scoreVisible: true,
      },
    ]);
    database.close();
    await run(['--workspace', valley]);
    await run(['--workspace', mountain]);
    database = await open(mountain);
    expect((await database.detections.get(items[0]!.id)).label).toMatchObject({
      verdict: 'real',
      curator: curator.id,
    });
    expect(await database.curationRules.listCurators()).toContainEqual(curator);
    database.close();
    expect(JSON.parse(await run(['status', '--json', '--workspace', mountain]))).toMatchObject({
      toSend: 0,
      refused: 0,
      held: 0,
      conflicts: 0,
    });
  }, 240_000);

  it('says what is wrong, where, and keeps no password where it can be read', async () => {
    const failed = await runAstrid(['sync', '--workspace', join(folder, 'alone')]);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('sync/not-connected');
    process.env.ASTRID_CATALOGUE_URL = server.address('sky', 'ada', 'guessed');
    const wrong = await runAstrid([
      'sync',
      'connect',
      '--project',
      PROJECT,
      '--workspace',
      join(folder, 'alone'),
    ]);
    expect(wrong.code).toBe(3);
    expect(wrong.stderr).toContain('sync/wrong-password');
    expect(wrong.stderr + wrong.stdout).not.toContain('guessed');
  }, 60_000);
});
