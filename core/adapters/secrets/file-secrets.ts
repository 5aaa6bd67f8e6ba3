import { createCipheriv, createDecipheriv, randomBytes, randomUUID, scrypt } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
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
 * AES-256-GCM under a key that scrypt makes of the passphrase; every writing takes a new nonce and salt.
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
  const readAll = async (): Promise<Record<string, string>> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw error;
    }
    return decrypt(file, text, await ask());
  };
  return {
    kind: `the file ${file}, encrypted`,
    get: async (name) => (await readAll())[name],
    set: async (name, value) => {
      const { [name]: _, ...others } = await readAll();
      const secrets = value === undefined ? others : { ...others, [name]: value };
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const draft = `${file}.${randomUUID()}`;
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(await encrypt(secrets, await ask()));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
      await chmod(file, 0o600);
    },
  };
}

async function encrypt(secrets: Readonly<Record<string, string>>, passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', await makeKey(passphrase, salt), nonce);
  cipher.setAAD(Buffer.from(FORMAT));
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  const written: SecretFile = {
    format: FORMAT,
    salt: salt.toString('base64'),
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    data: data.toString('base64'),
  };
  return JSON.stringify(written);
}

async function decrypt(file: string, text: string, passphrase: string): Promise<Record<string, string>> {
  try {
    const { format, salt, nonce, tag, data } = JSON.parse(text) as SecretFile;
    if (format !== FORMAT) throw new Error(`unknown format ${format}`);
    const key = await makeKey(passphrase, Buffer.from(salt, 'base64'));
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'));
    decipher.setAAD(Buffer.from(FORMAT));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    const plain = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]);
    return JSON.parse(plain.toString('utf8')) as Record<string, string>;
  } catch (error) {
    throw new AstridError(
      'sync/secrets-locked',
      `The secrets in ${file} cannot be opened: the passphrase is wrong, or the file is damaged. Remove the file to start anew; the passwords have to be given again.`,
      { file, reason: error instanceof Error ? error.message : String(error) },
    );
  }
}

function makeKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((made, failed) => {
    scrypt(passphrase, salt, 32, COST, (error, key) => (error ? failed(error) : made(key)));
  });
}
