import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  administerCatalogue,
  openCatalogue,
  readCatalogueMigrations,
} from '../../core/adapters/catalogue/index.ts';
import { makeSharedFolder } from '../line/run-astrid.ts';
import { type S3StandIn, startS3StandIn } from '../services/s3-stand-in.ts';
import { openShared, type SharedWorkspace } from '../support/open-shared.ts';
import { addressOfTriplet, type Seed, seedWorkspace } from '../support/seed-workspace.ts';
import { type LocalPostgres, startPostgres } from '../support/start-postgres.ts';

const PROJECT = '0195b000-0000-7000-8000-0000000000aa';
const folder = makeSharedFolder();
let server: LocalPostgres;
let bucket: S3StandIn;
let seed: Seed;
let mountain: SharedWorkspace;
let valley: SharedWorkspace;
const secrets = new Map<string, string>();

beforeAll(async () => {
  server = await startPostgres();
  bucket = await startS3StandIn({ folder: join(folder, 's3'), bucket: 'sky', accessKeyId: 'key' });
  await server.createDatabase('sky');
  const owner = administerCatalogue({ url: server.address('sky') });
  await owner.setUp(readCatalogueMigrations('migrations/postgres'));
  await owner.createProject({ id: PROJECT, name: 'winter' });
  seed = await seedWorkspace(join(folder, 'mountain'));
  mountain = await openShared(join(folder, 'mountain'), secrets);
  valley = await openShared(join(folder, 'valley'));
  for (const [workspace, login, role] of [
    [mountain, 'ada', 'admin'],
    [valley, 'vera', 'operator'],
  ] as const) {
    const password = await owner.addMember(PROJECT, login, role);
    await workspace.sync.connect({
      catalogueUrl: server.address('sky', login, password),
      projectId: PROJECT,
      bucket: { endpoint: bucket.endpoint, bucket: 'sky', accessKeyId: 'key', secretAccessKey: 'not told' },
    });
  }
  await owner.close();
}, 120_000);
afterAll(async () => {
  await mountain?.close();
  await valley?.close();
  await bucket?.close();
  await server?.remove();
});

/** Open the mountain's workspace anew: what it remembers of this session is gone. */
async function reopen(): Promise<void> {
  await mountain.close();
  mountain = await openShared(join(folder, 'mountain'), secrets);
}

const planesIn = async ({ database }: SharedWorkspace) => database.planes.list(seed.doneRunId);

describe('images of a field that another workstation processed', () => {
  it('stay there until somebody asks for them, and come when they are looked at', async () => {
    await mountain.sync.exchange();
    await valley.sync.exchange();
    expect(await planesIn(valley)).toEqual([]);
    expect(await valley.sync.mirrorRun(seed.doneRunId)).toBe('asked');
    expect(await valley.sync.mirrorRun(seed.doneRunId)).toBe('asked');
    expect(await valley.sync.exchange()).toMatchObject({ sent: 1, imagesSent: 0 });
    expect(await mountain.sync.exchange()).toMatchObject({ sent: 1, imagesSent: 1 });
    expect(await mountain.sync.mirrorRun(seed.doneRunId)).toBe('shared');
    await valley.sync.exchange();
    expect(await planesIn(valley)).toMatchObject([{ kind: 'science', sha256: seed.plane.sha256 }]);
    // Known of, with its size, and not here: a list does not fetch it.
    const { blobs } = valley.sync.pixels;
    expect(await blobs.size(seed.plane.sha256)).toBe(seed.plane.bytes.length);
    expect(await blobs.isHere(seed.plane.sha256)).toBe(false);
    const [first, second] = await Promise.all([
      blobs.get(seed.plane.sha256),
      blobs.readRows(seed.plane.sha256, { start: 0, rowBytes: 160, stride: 160, count: 30 }),
    ]);
    expect(Buffer.from(first).equals(Buffer.from(seed.plane.bytes))).toBe(true);
    expect(Buffer.from(second).equals(Buffer.from(seed.plane.bytes))).toBe(true);
    expect(await blobs.isHere(seed.plane.sha256)).toBe(true);
  }, 60_000);

  it('make room when the limit is reached, and only what the bucket holds', async () => {
    const { sha256, bytes } = seed.plane;
    const isHere = () => mountain.sync.pixels.blobs.isHere(sha256);
    await mountain.database.settings.set('settings.mirror', { localMiB: 0 });
    // Told of a moment ago, it may be on a screen.
    expect((await mountain.sync.exchange()).evicted).toBe(0);
    const old = new Map([[sha256, '2026-01-01T00:00:00.000Z']]);
    await mountain.database.blobLedger.noteUsed(old);
    await mountain.sync.keepRun(seed.doneRunId, true);
    await reopen();
    await mountain.database.blobLedger.noteUsed(old);
    expect((await mountain.sync.status()).local).toMatchObject({
      bytes: bytes.length,
      keptBytes: bytes.length,
      limitBytes: 0,
      toEvict: { count: 0 },
    });
    await mountain.sync.keepRun(seed.doneRunId, false);
    expect((await mountain.sync.status()).local.toEvict).toEqual({ count: 1, bytes: bytes.length });

    // The bucket has lost it: it is the only copy, and is sent again first.
    const store = await mountain.sync.pixels.open();
    await store.remove(sha256);
    expect((await mountain.sync.exchange()).evicted).toBe(0);
    expect(await isHere()).toBe(true);
    // Something else lies there under its name, of the same size.
    const key = encodeURIComponent(`blobs/sha256/${sha256.slice(0, 2)}/${sha256}`);
    expect(await mountain.sync.exchange()).toMatchObject({ imagesSent: 1, evicted: 1 });
    expect(await isHere()).toBe(false);
    expect(Buffer.from(await mountain.sync.pixels.blobs.get(sha256)).equals(Buffer.from(bytes))).toBe(true);
    writeFileSync(join(folder, 's3', 'objects', key), Buffer.alloc(bytes.length));
    const meta = join(folder, 's3', 'objects', `${key}.meta`);
    writeFileSync(meta, JSON.stringify({ ...JSON.parse(readFileSync(meta, 'utf8')), etag: 'another' }));
    await reopen();
    await mountain.database.blobLedger.noteUsed(old);
    expect((await mountain.sync.exchange()).evicted).toBe(0);
    expect(await isHere()).toBe(true);
    expect(await mountain.sync.exchange()).toMatchObject({ imagesSent: 1 });
    expect(readFileSync(join(folder, 's3', 'objects', key)).equals(Buffer.from(bytes))).toBe(true);
  }, 60_000);

  it('go from the bucket when nobody refers to them, by an admin, also while others refer to them anew', async () => {
    const objects = join(folder, 's3', 'objects');
    const old = new Date('2026-01-01T00:00:00.000Z');
    const before = readdirSync(objects).filter((name) => name.includes(encodeURIComponent('blobs/sha256/')));
    // Everything that is there is old; what is referred to stays.
    const store = await mountain.sync.pixels.open();
    const orphans = Array.from({ length: 150 }, (_, n) => {
      const bytes = Buffer.from(`orphan ${n}`);
      return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
    for (const { sha256, bytes } of orphans) await store.upload(sha256, bytes);
    for (const name of readdirSync(objects)) utimesSync(join(objects, name), old, old);
    const bad = randomBytes(20 << 20);
    const stop = new AbortController();
    await expect(
      store.upload(createHash('sha256').update(bad).digest('hex'), bad, {
        signal: stop.signal,
        pace: async () => stop.abort(),
      }),
    ).rejects.toThrow();
    for (const id of readdirSync(join(folder, 's3', 'uploads')))
      utimesSync(join(folder, 's3', 'uploads', id), old, old);

    const options = { graceMs: 30 * 86_400_000, where: ['bucket'] } as const;
    await expect(valley.sync.collect({ ...options, isDryRun: true })).rejects.toMatchObject({
      code: 'sync/admins-only',
    });
    expect((await mountain.sync.collect({ ...options, isDryRun: true })).bucket).toMatchObject({
      removed: 150,
      young: 0,
      aborted: 1,
    });
    // A third of them is referred to while they are collected: told of first, then sent unless it is there.
    const catalogue = openCatalogue({ url: secrets.get('catalogue-url')! }, PROJECT);
    const revived = orphans.filter((_, n) => n % 3 === 0);
    const revive = async (): Promise<void> => {
      for (const [n, { sha256, bytes }] of revived.entries()) {
        const id = `0195d000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
        const change = {
          id,
          kind: 'append',
          entity: 'detection',
          key: id,
          clock: '000000000000-0000',
        } as const;
        await catalogue.push([{ ...change, value: { tripletSha256: sha256 } }]);
        await store.upload(sha256, bytes);
      }
    };
    const [{ bucket: collected }] = await Promise.all([
      mountain.sync.collect({ ...options, isDryRun: false }),
      revive(),
    ]);
    await catalogue.close();
    for (const { sha256, bytes } of revived) expect(await store.size(sha256), sha256).toBe(bytes.length);
    for (const { sha256 } of orphans.filter((_, n) => n % 3 !== 0))
      expect(await store.size(sha256)).toBeUndefined();
    expect(collected!.removed).toBeGreaterThanOrEqual(100);
    expect(bucket.unfinished()).toBe(0);
    expect(readdirSync(objects)).toEqual(expect.arrayContaining(before));

    // Another project under the same prefix: nobody can tell what it refers to.
    await store.enter('0195b000-0000-7000-8000-0000000000bb');
    await expect(mountain.sync.collect({ ...options, isDryRun: false })).rejects.toMatchObject({
      code: 'sync/bucket-shared',
    });
  }, 120_000);

  it('are asked for calmly while the bucket does not answer', async () => {
    // Triplets came with the exchange.
    const missing = addressOfTriplet(0);
    expect(await valley.sync.pixels.cutouts.size(missing)).toBe(3 * 63 * 63 * 4);
    await bucket.close();
    await valley.folder.remove(seed.plane.sha256);
    await expect(valley.sync.pixels.blobs.get(seed.plane.sha256)).rejects.toMatchObject({
      code: 'storage/elsewhere',
      message: expect.stringContaining('offline'),
    });
    expect(valley.sync.pixels.arrivals()).toEqual([]);
  }, 120_000);
});

describe('raw files', () => {
  it('stay where they are, until the policy says that they go with the images of their field', async () => {
    const [near, far] = [mountain, valley];
    await bucket.close();
    bucket = await startS3StandIn({
      ...{ folder: join(folder, 's3'), bucket: 'sky', accessKeyId: 'key' },
      port: Number(new URL(bucket.endpoint).port),
    });
    const raw = async (at: SharedWorkspace) => at.database.rawFiles.list(seed.doneRunId);
    expect((await near.sync.pixels.policy()).rawFiles).toBe('never');
    await near.sync.exchange();
    expect(await raw(near)).toEqual([]);
    await expect(near.sync.pixels.changePolicy({ rawFiles: 'sometimes' })).rejects.toMatchObject({
      code: 'sync/bad-policy',
    });
    await near.sync.pixels.changePolicy({ rawFiles: 'with-images' });
    // The seed has a run of no files: they are put where it says that they are.
    const record = await near.database.runs.get(seed.doneRunId);
    const [sciencePath, templatePath] = [record.sciencePath, record.templatePath].map((path) =>
      join(folder, 'night', basename(path)),
    ) as [string, string];
    mkdirSync(join(folder, 'night'));
    for (const path of [sciencePath, templatePath]) writeFileSync(path, randomBytes(5000));
    const sqlite = new Database(join(folder, 'mountain', 'workspace.sqlite'));
    sqlite
      .prepare('UPDATE runs SET science_path = ?, template_path = ? WHERE id = ?')
      .run(sciencePath, templatePath, seed.doneRunId);
    sqlite.close();
    expect((await near.sync.exchange()).imagesSent).toBe(2);
    // Told once, and not hashed or sent again.
    expect(await near.database.rawFiles.listToTell()).toEqual([]);
    expect((await near.sync.exchange()).imagesSent).toBe(0);
    await far.sync.exchange();
    const files = await raw(far);
    expect(files.map(({ role, name }) => [role, name])).toEqual([
      ['science', basename(sciencePath)],
      ['template', basename(templatePath)],
    ]);
    for (const [n, path] of [sciencePath, templatePath].entries()) {
      const bytes = readFileSync(path);
      expect(files[n]).toMatchObject({ bytes: bytes.length, sha256: sha256Of(bytes) });
      expect(Buffer.from(await far.sync.pixels.blobs.get(files[n]!.sha256)).equals(bytes)).toBe(true);
    }
    // They are referred to: nobody collects them, here or in the bucket.
    const catalogue = openCatalogue({ url: secrets.get('catalogue-url')! }, PROJECT);
    const wanted = new Set<string>();
    await catalogue.readReferences(0, (sha256) => void wanted.add(sha256));
    await catalogue.close();
    for (const { sha256 } of files) expect(wanted.has(sha256)).toBe(true);
    expect((await far.database.blobReferences.list()).blobs).toEqual(
      expect.arrayContaining(files.map(({ sha256 }) => sha256)),
    );
  }, 60_000);
});

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
