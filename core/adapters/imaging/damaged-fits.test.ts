import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isAstridError } from '../../utils/errors.ts';
import { createRandom } from '../../utils/random.ts';
import { openFits, openFitsBytes, verifyFitsBytes } from './index.ts';

const made = 'tests/golden/fits';
const negative = '../shared/data/negative';

/** What came of one read: its values, or the code of the error. */
type Outcome = { readonly values: unknown } | { readonly code: string };

async function outcomeOf(read: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { values: await read() };
  } catch (error) {
    if (!isAstridError(error) || !error.code.startsWith('observations/')) throw error;
    return { code: error.code };
  }
}

/** Read all that can be read of a file: its list of HDUs, and each HDU's values. */
async function readAll(bytes: Uint8Array, name: string): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const opened = await outcomeOf(() => openFitsBytes(bytes, name));
  if ('code' in opened) return outcomes.set('open', opened);
  const file = opened.values as Awaited<ReturnType<typeof openFitsBytes>>;
  outcomes.set(
    'list',
    await outcomeOf(async () => (await file.hdus()).map(({ kind, shape }) => ({ kind, shape }))),
  );
  outcomes.set('image', await outcomeOf(async () => (await file.readImage()).plane.data));
  for (let hdu = 0; hdu < 4; hdu++) {
    const summary = await outcomeOf(() => file.hdu(hdu));
    if ('code' in summary) break;
    outcomes.set(`pixels ${hdu}`, await outcomeOf(async () => (await file.readImageExact(hdu)).data));
    outcomes.set(`table ${hdu}`, await outcomeOf(async () => (await file.readTable(hdu)).columns));
  }
  outcomes.set(
    'findings',
    await outcomeOf(async () => (await verifyFitsBytes(bytes, name)).findings.length > 0),
  );
  return outcomes;
}

function readMade(name: string): Uint8Array {
  return readFileSync(`${made}/${name}`);
}

const whole: readonly (readonly [string, () => Uint8Array])[] = [
  ['plain image', () => readMade('plain-k8.fits')],
  ['Rice floats', () => readMade('rice-float-dither1.fits')],
  ['HCOMPRESS', () => readMade('hcompress-i2.fits')],
  ['PLIO', () => readMade('plio-i4.fits')],
  ['GZIP_2', () => readMade('gzip2-float-lossless.fits')],
  ['binary table', () => readMade('table-all.fits')],
  ['ASCII table', () => readMade('table-ascii.fits')],
  ['long header', () => readMade('header-forms.fits')],
  ['gzipped file', () => gzipSync(readMade('rice-cube.fits'))],
];

describe('A file cut short', () => {
  it.each(whole)('gives a typed error or the right values: %s', async (name, load) => {
    const bytes = load();
    const good = await readAll(bytes, name);
    const cuts = new Set<number>();
    for (let at = 0; at < bytes.length; at += 2880)
      for (const cut of [at, at + 1, at + 80, at + 1440]) cuts.add(cut);
    for (const cut of [
      bytes.length - 1,
      bytes.length - 700,
      ...Array.from({ length: 40 }, (_, i) => i * 211),
    ])
      cuts.add(cut);
    for (const cut of cuts) {
      if (cut < 0 || cut >= bytes.length) continue;
      for (const [what, outcome] of await readAll(bytes.subarray(0, cut), `${name} cut at ${cut}`)) {
        // A list may be shorter where the cut leaves whole HDUs; values read are never wrong.
        if ('values' in outcome && !['list', 'findings'].includes(what))
          expect(outcome, `${what} of ${name} cut at ${cut}`).toEqual(good.get(what));
      }
    }
  });
});

describe('A file with flipped bytes', () => {
  it('gives a typed error or some values, quickly, 10 000 times', async () => {
    const random = createRandom(8675309);
    const names = readdirSync(made).filter((name) => name.endsWith('.fits'));
    const files = names.map(readMade);
    // The processor's time: what else the machine does is no fault of the reader.
    let slowestMs = 0;
    for (let i = 0; i < 10_000; i++) {
      const at = random.integer(files.length);
      const bytes = Uint8Array.from(files[at]!);
      const flips = 1 + random.integer(3);
      for (let k = 0; k < flips; k++) {
        // Half of the flips fall within the cards of a header, where most harm can be done.
        const offset =
          random.uniform() < 0.5 ? random.integer(bytes.length) : cardByte(bytes, random.integer(1e9));
        bytes[offset] =
          random.uniform() < 0.5 ? random.integer(256) : bytes[offset]! ^ (1 << random.integer(8));
      }
      const start = process.cpuUsage();
      await readAll(i % 50 === 0 ? gzipSync(bytes) : bytes, `${names[at]} flip ${i}`);
      const { user, system } = process.cpuUsage(start);
      slowestMs = Math.max(slowestMs, (user + system) / 1000);
    }
    expect(slowestMs).toBeLessThan(5000);
    expect(process.memoryUsage().rss).toBeLessThan(4 * 2 ** 30);
  });
});

/** A byte of a card's keyword or value in one of the headers. */
function cardByte(bytes: Uint8Array, pick: number): number {
  const text = Buffer.from(bytes).toString('latin1');
  const starts = [...text.matchAll(/SIMPLE {2}=|XTENSION=/g)].map(({ index }) => index);
  const start = starts[pick % starts.length]!;
  const cards = (text.indexOf(`END${' '.repeat(77)}`, start) - start) / 80;
  return start + 80 * (pick % Math.max(1, Math.floor(cards))) + (Math.floor(pick / 97) % 32);
}

describe.skipIf(!existsSync(negative))('A file known to be bad', () => {
  const expected: Readonly<Record<string, string>> = {
    'astropy_group_invalid.fits': 'observations/no-image',
    'astropy_theap-gap.fits': 'observations/no-image',
    'astropy_zerowidth.fits': 'observations/no-image',
    'lasair_orion.fits': 'observations/no-image',
    'neox_ldac_corrupt.fits': 'observations/no-image',
  };
  it.each(Object.entries(expected))('says why it has no image: %s', async (name, code) => {
    const file = await openFits(`${negative}/${name}`);
    await expect(file.readImage()).rejects.toMatchObject({ code });
    await file.close();
  });

  it('is not read as a table when a block of its header stands among the rows', async () => {
    const file = await openFits(`${negative}/neox_ldac_corrupt.fits`);
    await expect(file.readTable(2)).rejects.toMatchObject({ code: 'observations/bad-table' });
    await file.close();
  });

  it('is told from text by its first bytes', async () => {
    const path = '../shared/data/formats/astropy/modeling__tests__data__idcompspec.fits';
    await expect(openFits(path)).rejects.toMatchObject({ code: 'observations/not-fits' });
  });
});

describe('A path', () => {
  it('that leads nowhere is unreadable', async () => {
    await expect(openFits('no/such/file.fits')).rejects.toMatchObject({ code: 'observations/unreadable' });
  });
  it('that leads to a folder is unreadable', async () => {
    await expect(openFits('tests')).rejects.toMatchObject({ code: 'observations/unreadable' });
  });
});

describe('Bytes that are no FITS', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'observations/empty-file'],
    ['one byte', new Uint8Array(1), 'observations/not-fits'],
    ['a web page', Buffer.from('<!DOCTYPE html><title>404</title>'), 'observations/not-fits'],
    ['an empty gzip', gzipSync(new Uint8Array(0)), 'observations/empty-file'],
    ['a gzip of text', gzipSync(Buffer.from('hello')), 'observations/not-fits'],
    ['the word SIMPLE alone', Buffer.from('SIMPLE  ='), 'observations/truncated'],
  ])('are named for what they are: %s', async (name, bytes, code) => {
    await expect(openFitsBytes(bytes, name)).rejects.toMatchObject({ code });
  });
});
