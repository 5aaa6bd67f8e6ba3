import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt } from 'node:crypto';
import { mkdir, open as openFile, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AstridError } from '../../utils/errors.ts';
import type { SecretStore } from './secret-store.ts';

// OWASP's recommendation for scrypt: N = 2^17, r = 8, p = 1; 128 MiB and about half a second.
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const FORMAT = 'astrid-secrets-1';

interface SecretFile {
  readonly format: string;
  readonly salt: string;
  readonly nonce: string;
  readonly tag: string;
  readonly data: string;
}

/**
 * Keep secrets in one file, encrypted under a passphrase: for hosts without a keychain.
 *
 * AES-256-GCM under a key that scrypt makes of the passphrase; every writing takes a new nonce.
 *
 * @param passphrase asked for when it is first needed; `undefined` where nobody can be asked.
 */
export function createFileSecrets(file: string, passphrase: () => Promise<string | undefined>): SecretStore {
  let known: Promise<string> | undefined;
  const ask = (): Promise<string> => {
    known ??= passphrase().then((given) => {
      if (given) return given;
      throw new AstridError(
        'sync/secrets-locked',
        `The secrets in ${file} are locked; set ASTRID_PASSPHRASE, or give each in its own variable (see “astrid sync --help”).`,
        { file },
      );
    });
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  // A workspace is open in one process: what was read once stays true, and scrypt is asked once.
  let opened: Promise<Opened> | undefined;
  const open = (): Promise<Opened> => {
    opened ??= readAndOpen();
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
  const readAndOpen = async (): Promise<Opened> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { key: undefined, secrets: {} };
    }
    return decrypt(file, text, await ask());
  };
  const write = async (name: string, value: string | undefined): Promise<void> => {
    const { key, secrets: earlier } = await open();
    const { [name]: _, ...others } = earlier;
    const next: Opened & { readonly key: Key } = {
      key: key ?? (await makeKey(await ask(), randomBytes(16))),
      secrets: value === undefined ? others : { ...others, [name]: value },
    };
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const draft = `${file}.${randomUUID()}`;
    const handle = await openFile(draft, 'wx', 0o600);
    try {
      await handle.writeFile(encrypt(next));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    opened = Promise.resolve(next);
  };
  // Each writes all that the one before has written, and its own.
  let written: Promise<void> = Promise.resolve();
  return {
    kind: `the file ${file}, encrypted`,
    get: async (name) => (await open()).secrets[name],
    set: (name, value) => {
      const mine = written.then(() => write(name, value));
      written = mine.catch(() => undefined);
      return mine;
    },
  };
}

interface Key {
  readonly salt: Buffer;
  readonly bytes: Buffer;
}

interface Opened {
  readonly key: Key | undefined;
  readonly secrets: Readonly<Record<string, string>>;
}

function encrypt({ key, secrets }: Opened & { readonly key: Key }): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  cipher.setAAD(Buffer.from(FORMAT));
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  const written: SecretFile = {
    format: FORMAT,
    salt: key.salt.toString('base64'),
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  return JSON.stringify(written);
}

async function decrypt(file: string, text: string, passphrase: string): Promise<Opened> {
  try {
    const { format, salt, nonce, tag, data } = JSON.parse(text) as SecretFile;
    if (format !== FORMAT) throw new Error(`unknown format ${format}`);
    const key = await makeKey(passphrase, Buffer.from(salt, 'base64'));
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(nonce, 'base64'));
    decipher.setAAD(Buffer.from(FORMAT));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    const plain = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
    return { key, secrets: JSON.parse(plain.toString('utf8')) as Record<string, string> };
  } catch (error) {
    throw new AstridError(
      'sync/secrets-locked',
      `The secrets in ${file} cannot be opened: the passphrase is wrong, or the file is damaged. Remove the file to start anew; the passwords have to be given again.`,
      { file, reason: error instanceof Error ? error.message : String(error) },
    );
  }
}

function makeKey(passphrase: string, salt: Buffer): Promise<Key> {
  return new Promise((made, failed) => {
    scrypt(passphrase, salt, 32, COST, (error, bytes) => (error ? failed(error) : made({ salt, bytes })));
  });
}
