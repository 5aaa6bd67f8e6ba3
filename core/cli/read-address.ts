import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { AstridError } from '../utils/index.ts';

/**
 * Read the address of a catalogue with its password: not an argument, which other users of the machine could read.
 *
 * @throws sync/bad-address
 */
export async function readAddress(given: string | undefined): Promise<string> {
  const address =
    given === '-' ? (await readAll(process.stdin)).trim() : (given ?? process.env.ASTRID_CATALOGUE_URL);
  if (address) return address;
  throw new AstridError(
    'sync/bad-address',
    'Give the address of the catalogue in ASTRID_CATALOGUE_URL, or on stdin with --catalogue -.',
  );
}

/** Read the certificate of an authority, where one is named. */
export async function readAuthority(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : await readFile(file, 'utf8');
}
