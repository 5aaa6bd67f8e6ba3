import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AstridError } from '../utils/index.ts';

/** Where a certificate and its key lie, as PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** A certificate that a server can show. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Names and addresses that it is for, in lower case; `*.` stands for one step of a name. */
  readonly names: readonly string[];
}

/**
 * Read a certificate with its chain, and the key that belongs to it.
 *
 * @throws api/bad-certificate where either cannot be read, they do not belong together, or it is not valid today
 */
export async function readCertificate(files: TlsFiles, now = Date.now()): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(files.cert), readPem(files.key)]);
  const leaf = parse(files.cert, () => new X509Certificate(cert));
  const secret = parse(files.key, () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(secret))
    throw bad(files.cert, `${files.key} is not the key of the certificate in ${files.cert}; give the pair.`);
  if (leaf.validToDate.getTime() <= now)
    throw bad(files.cert, `The certificate in ${files.cert} expired on ${leaf.validTo}; renew it.`);
  if (leaf.validFromDate.getTime() > now)
    throw bad(
      files.cert,
      `The certificate in ${files.cert} is valid from ${leaf.validFrom} on; check the clock of this machine.`,
    );
  return { cert, key, names: namesOf(leaf) };
}

/** Read a certificate again when its file has changed, as renewals do. @returns stops looking */
export function watchCertificate(
  files: TlsFiles,
  onChange: (certificate: Certificate) => void,
  onProblem: (error: unknown) => void,
  everyMs = 10 * 60_000,
): () => void {
  let seenMs = Date.now();
  const timer = setInterval(async () => {
    try {
      const changed = await Promise.all([stat(files.cert), stat(files.key)]);
      const newest = Math.max(...changed.map(({ mtimeMs }) => mtimeMs));
      if (newest <= seenMs) return;
      onChange(await readCertificate(files));
      // Only now: a pair that was half written is looked at again.
      seenMs = newest;
    } catch (error) {
      onProblem(error);
    }
  }, everyMs).unref();
  return () => clearInterval(timer);
}

/** Whether a certificate's name stands for the name that was asked for. */
export function covers(name: string, asked: string): boolean {
  if (name === asked) return true;
  const [, ...rest] = asked.split('.');
  return name.startsWith('*.') && rest.length > 1 && rest.join('.') === name.slice(2);
}

function namesOf({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
    .map((name) => (name.includes(':') ? `[${shorten(name)}]` : name.toLowerCase()));
}

/** Write an IPv6 address as a URL does. */
function shorten(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw bad(file, `${file} cannot be read: ${(error as Error).message}.`);
  }
}

function parse<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    throw bad(file, `${file} holds no PEM that can be used: ${(error as Error).message}.`);
  }
}

function bad(file: string, message: string): AstridError {
  return new AstridError('api/bad-certificate', message, { file });
}
