import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Exposure, Header, Wcs } from '../../domains/observations/index.ts';
import { parseWcs, readExposureFacts, repairWcsHeader } from '../../domains/observations/index.ts';
import type { Plane } from '../../kernels/index.ts';
import type { Task } from '../../utils/index.ts';
import { AstridError, isAstridError } from '../../utils/index.ts';
import { openFits } from './open-fits.ts';

/** Keywords that describe one HDU's data and mean nothing in another. */
const STRUCTURE =
  /^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|END|XTENSION|PCOUNT|GCOUNT|EXTNAME|EXTVER|CHECKSUM|DATASUM|BSCALE|BZERO|BLANK|BUNIT|Z[A-Z]+\d*|COMMENT|HISTORY|)$/;

/**
 * Name a file and, in brackets, one HDU of it: `night.fits`, `night.fits[2]`, `night.fits[SCI]`, `night.fits[SCI,2]`.
 */
export function parseImageName(name: string): { readonly path: string; readonly hdu?: number | string } {
  const match = /^(.+)\[([^\]]+)\]$/.exec(name);
  if (!match) return { path: name };
  const [, path, hdu] = match;
  return { path: path!, hdu: /^\d+$/.test(hdu!) ? Number(hdu) : hdu! };
}

/**
 * Read an exposure: pixels, header, facts and WCS.
 *
 * The primary header's cards stand behind an extension's own, as observatories mean them to. A WCS that cannot be
 * used is left out with a note, because stars alone can register the image.
 *
 * @param name a path, with an HDU in brackets if it is not the first image.
 * @returns the exposure and the sha256 of the file as it is on disk.
 * @throws as `openFits` and `FitsFile.readImage`; observations/changed where something wrote to the file meanwhile
 */
export async function readExposure(name: string): Promise<{ exposure: Exposure; sha256: string }> {
  const { path, hdu } = parseImageName(name);
  const state = await tellState(path);
  const file = await openFits(path);
  try {
    const [{ plane, header: own, hduIndex }, sha256] = await Promise.all([
      file.readImage(hdu),
      hashFile(path),
    ]);
    if ((await tellState(path)) !== state)
      throw new AstridError(
        'observations/changed',
        `Something wrote to ${name} while it was being read; read it again when nothing does.`,
        { paths: [name] },
      );
    const header = hduIndex === 0 ? own : inherit(own, (await file.hdu(0)).header);
    const { wcs, notes: wcsNotes } = readWcs(header, name, plane);
    const facts = readExposureFacts(header, plane);
    const notes = [...facts.notes, ...wcsNotes];
    return { exposure: { name, pixels: plane, header, facts: { ...facts, notes }, wcs }, sha256 };
  } finally {
    await file.close();
  }
}

/** `readExposure` as a task for a thread. */
export const readExposureTask: Task<{ readonly name: string }, { exposure: Exposure; sha256: string }> = {
  name: 'observations.read-exposure',
  run: ({ name }) => readExposure(name),
};

function inherit(own: Header, primary: Header): Header {
  const known = new Set(own.map(({ keyword }) => keyword));
  return [...own, ...primary.filter(({ keyword }) => !known.has(keyword) && !STRUCTURE.test(keyword))];
}

function readWcs(
  header: Header,
  name: string,
  { width, height }: Plane,
): { wcs?: Wcs | undefined; notes: readonly string[] } {
  const repaired = repairWcsHeader(header, { widthPx: width, heightPx: height });
  try {
    return { wcs: parseWcs(repaired.header), notes: repaired.notes };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { notes: [...repaired.notes, `The WCS of ${name} is left out: ${error.message}`] };
  }
}

/** Tell what writing to a file changes: that what was read of it at different times is of one piece. */
async function tellState(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join(' ');
  } catch {
    // Opening it says what is wrong with it, and better.
    return undefined;
  }
}

/** Hash the file that a name speaks of, as it is on disk; `undefined` where it cannot be read. */
export async function fingerprintFile(name: string): Promise<string | undefined> {
  try {
    return await hashFile(parseImageName(name).path);
  } catch {
    // Reading the exposure says what is wrong with the file, and better.
    return undefined;
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  // A pipe or a device has no end that could be waited for.
  if (!(await stat(path)).isFile()) throw new Error(`${path} is not a regular file`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
