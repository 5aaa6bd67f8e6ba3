import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../../../tests/support/temporary-workspace.ts';
import { findHub, isLocal, parseLockFile } from './find-hub.ts';

const LOCK = `# SAMP Standard Profile lockfile written Thu\r\nsamp.secret=abc=def\r\nsamp.hub.xmlrpc.url=http://127.0.0.1:21010/xmlrpc\r\nsamp.profile.version=1.3\r\n`;

it('reads address and secret, whatever the line ends', () => {
  expect(parseLockFile(LOCK)).toEqual({ url: 'http://127.0.0.1:21010/xmlrpc', secret: 'abc=def' });
});

it('refuses a hub that is not on this machine, and a file without a secret', () => {
  const away = LOCK.replace('127.0.0.1', '10.0.0.7');
  expect(() => parseLockFile(away)).toThrow(expect.objectContaining({ code: 'api/samp-not-local' }));
  expect(() => parseLockFile('samp.secret=1')).toThrow(
    expect.objectContaining({ code: 'api/samp-malformed' }),
  );
});

it('knows what is on this machine', () => {
  for (const url of ['http://127.0.0.1:1/', 'http://localhost:80/x', 'http://[::1]:9/'])
    expect(isLocal(url), url).toBe(true);
  for (const url of [
    'http://127.0.0.1.evil.org/',
    'https://127.0.0.1/',
    'ftp://localhost/',
    'http://10.0.0.1/',
    'x',
  ])
    expect(isLocal(url), url).toBe(false);
});

it('looks into the home folder, or where SAMP_HUB says; without a hub there is none', async () => {
  const [home, elsewhere] = [makeTemporaryFolder(), makeTemporaryFolder()];
  expect(await findHub(home, undefined)).toBeUndefined();
  writeFileSync(join(home, '.samp'), LOCK);
  expect((await findHub(home, undefined))?.secret).toBe('abc=def');
  const file = join(elsewhere, 'lock');
  expect(await findHub(home, `std-lockurl:${pathToFileURL(file)}`)).toBeUndefined();
  writeFileSync(file, LOCK.replace('abc=def', 'other'));
  expect((await findHub(home, `std-lockurl:${pathToFileURL(file)}`))?.secret).toBe('other');
  // A profile that is not the standard one is nothing that we speak.
  expect(await findHub(home, 'web-profile:1')).toBeUndefined();
  await expect(findHub(home, 'std-lockurl:http://example.org/lock')).rejects.toMatchObject({
    code: 'api/samp-not-local',
  });
});
