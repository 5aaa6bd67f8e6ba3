import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { safeStorage } from 'electron';
import type { SecretStore } from '../core/app/index.ts';

/**
 * Keep secrets in a file that only this user's keychain opens (Keychain, DPAPI, libsecret or KWallet).
 *
 * @returns `undefined` where there is no keychain: plain text would be all that is left, and that is no place.
 */
export function createSafeSecrets(file: string): SecretStore | undefined {
  const isSafe =
    safeStorage.isEncryptionAvailable() &&
    (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');
  if (!isSafe) return undefined;
  const readAll = async (): Promise<Record<string, string>> => {
    let sealed: Buffer;
    try {
      sealed = await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    return JSON.parse(safeStorage.decryptString(sealed)) as Record<string, string>;
  };
  const write = async (name: string, value: string | undefined): Promise<void> => {
    const { [name]: _, ...others } = await readAll();
    const secrets = value === undefined ? others : { ...others, [name]: value };
    await mkdir(dirname(file), { recursive: true });
    const draft = `${file}.draft`;
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(safeStorage.encryptString(JSON.stringify(secrets)));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  };
  // One after the other: each writes all that the one before has written, and its own, and they share a draft.
  let written: Promise<void> = Promise.resolve();
  return {
    kind: 'the keychain of this machine',
    get: async (name) => (await readAll())[name],
    set: (name, value) => {
      const mine = written.then(() => write(name, value));
      written = mine.catch(() => undefined);
      return mine;
    },
  };
}
