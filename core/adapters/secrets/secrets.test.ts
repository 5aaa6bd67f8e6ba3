import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { createEnvironmentSecrets, createFileSecrets } from './index.ts';

const SECRET = 'postgresql://ada:open-sesame@host/sky';

describe('secrets in a file', () => {
  it('are there again for who knows the passphrase, and nowhere to be read', async () => {
    const file = join(makeTemporaryFolder(), 'keys', 'secrets.json');
    const mine = createFileSecrets(file, async () => 'the sky at night');
    expect(await mine.get('catalogue-url')).toBeUndefined();
    await mine.set('catalogue-url', SECRET);
    await mine.set('bucket-secret', 'x');
    await mine.set('bucket-secret', undefined);
    expect(readFileSync(file, 'utf8')).not.toContain('sesame');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const later = createFileSecrets(file, async () => 'the sky at night');
    expect(await later.get('catalogue-url')).toBe(SECRET);
    expect(await later.get('bucket-secret')).toBeUndefined();
  });

  it('that are set at once are all kept, whatever becomes of one', async () => {
    const file = join(makeTemporaryFolder(), 'secrets.json');
    let given: string | undefined;
    const mine = createFileSecrets(file, async () => given);
    const locked = mine.set('a', '0');
    await expect(locked).rejects.toMatchObject({ code: 'sync/secrets-locked' });
    given = 'right';
    await Promise.all([mine.set('a', '1'), mine.set('b', '2'), mine.set('c', '3')]);
    const later = createFileSecrets(file, async () => 'right');
    expect(await Promise.all(['a', 'b', 'c'].map((name) => later.get(name)))).toEqual(['1', '2', '3']);
  });

  it('stay locked without the passphrase, or when a bit of the file was changed', async () => {
    const file = join(makeTemporaryFolder(), 'secrets.json');
    await createFileSecrets(file, async () => 'right').set('a', SECRET);
    const locked = { code: 'sync/secrets-locked' };
    await expect(createFileSecrets(file, async () => 'wrong').get('a')).rejects.toMatchObject(locked);
    await expect(createFileSecrets(file, async () => undefined).get('a')).rejects.toMatchObject(locked);
    await expect(createFileSecrets(file, async () => 'wrong').set('a', 'b')).rejects.toMatchObject(locked);
    const written = JSON.parse(readFileSync(file, 'utf8')) as { data: string };
    const data = Buffer.from(written.data, 'base64');
    data[3] = (data[3] ?? 0) ^ 1;
    writeFileSync(file, JSON.stringify({ ...written, data: data.toString('base64') }));
    await expect(createFileSecrets(file, async () => 'right').get('a')).rejects.toMatchObject(locked);
  });
});

it('the environment goes first, and is not written over', async () => {
  const file = createFileSecrets(join(makeTemporaryFolder(), 'secrets.json'), async () => 'right');
  const both = createEnvironmentSecrets({ ASTRID_CATALOGUE_URL: SECRET }, file);
  expect(await both.get('catalogue-url')).toBe(SECRET);
  await expect(both.set('catalogue-url', 'other')).rejects.toMatchObject({ code: 'sync/secrets-read-only' });
  await both.set('bucket-key', 'k');
  expect(await file.get('bucket-key')).toBe('k');
});
