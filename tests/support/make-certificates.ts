import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority, and a server's certificate that it signed; all of it PEM. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Make an authority of its own and a certificate for a server, with the `openssl` of this machine.
 *
 * @param name as subjectAltName has it: `IP:127.0.0.1`, `DNS:db.example`.
 * @returns `undefined` where there is no openssl.
 */
export function makeCertificates(name: string): Certificates | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-certificates-'));
  const at = (file: string): string => join(folder, file);
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      'ca.key',
      '-out',
      'ca.crt',
      '-days',
      '2',
      '-subj',
      '/CN=ca',
    );
    openssl('req', ...newKey, '-keyout', 'key', '-out', 'request', '-subj', '/CN=server');
    writeFileSync(at('names'), `subjectAltName=${name}\n`);
    const signed = [
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'names',
    ];
    openssl('x509', '-req', '-in', 'request', ...signed, '-out', 'crt');
    const read = (file: string): string => readFileSync(at(file), 'utf8');
    return { authority: read('ca.crt'), certificate: read('crt'), key: read('key') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
