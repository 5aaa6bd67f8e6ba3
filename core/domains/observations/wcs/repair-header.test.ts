import { describe, expect, test } from 'vitest';
import type { Header } from '../model.ts';
import { makeTanWcs, parseWcs, pixelToSky, repairWcsHeader } from './index.ts';

const SIZE = { widthPx: 1000, heightPx: 800 };
const TRUE = makeTanWcs({
  raDeg: 150.25,
  decDeg: -30.5,
  xPx: 499.5,
  yPx: 399.5,
  pixelScaleArcsec: 0.6,
  positionAngleDeg: 12,
});
/** What an observatory writes beside the WCS. */
const POINTING: Header = [
  { keyword: 'RA', value: '10:01:02.0' },
  { keyword: 'DEC', value: '-30:29:10' },
];
const SOUND: Header = [...POINTING, ...TRUE.cards];
const number = (keyword: string): number =>
  TRUE.cards.find((card) => card.keyword === keyword)!.value as number;

type Changes = Readonly<Record<string, string | number | undefined>>;

function change(changes: Changes, header: Header = SOUND): Header {
  const kept = header.filter(({ keyword }) => !(keyword in changes));
  const set = Object.entries(changes).flatMap(([keyword, value]) =>
    value === undefined ? [] : [{ keyword, value }],
  );
  return [...kept, ...set];
}

/** Farthest that a corner is mapped from where it should be, px. */
function worstPx(header: Header): number {
  const wcs = parseWcs(header);
  if (wcs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(
    ...[
      [0, 0],
      [999, 0],
      [0, 799],
      [999, 799],
      [499.5, 399.5],
    ].map(([x, y]) => {
      const [a, b] = [pixelToSky(wcs, x!, y!), pixelToSky(TRUE, x!, y!)];
      return (Math.hypot((a.raDeg - b.raDeg) * Math.cos(0.532), a.decDeg - b.decDeg) * 3600) / 0.6;
    }),
  );
}

const scaled = (factor: number): Changes =>
  Object.fromEntries(
    ['CD1_1', 'CD1_2', 'CD2_1', 'CD2_2'].map((keyword) => [keyword, number(keyword) * factor]),
  );
const asCdelt = (): Changes => ({
  CD1_1: undefined,
  CD1_2: undefined,
  CD2_1: undefined,
  CD2_2: undefined,
  CDELT1: -0.6 / 3600,
  CDELT2: 0.6 / 3600,
  CROTA2: -12,
});

describe('a header with broken sky coordinates', () => {
  test.each<readonly [what: string, changes: Changes, note: RegExp, withinPx: number]>([
    [
      'has zero CD beside CDELT',
      { ...scaled(0), CDELT1: -0.6 / 3600, CDELT2: 0.6 / 3600, CROTA2: -12 },
      /All CD are zero/,
      0.01,
    ],
    [
      'has zero PC beside CDELT',
      { ...asCdelt(), PC1_1: 0, PC1_2: 0, PC2_1: 0, PC2_2: 0 },
      /All PC are zero/,
      0.01,
    ],
    ['has CDELT1 zero', { ...asCdelt(), CDELT1: 0 }, /CDELT1 is zero/, 0.01],
    ['has CDELT2 zero', { ...asCdelt(), CDELT2: 0 }, /CDELT2 is zero/, 0.01],
    [
      'has an idle PC with CDELT of 1 beside CD',
      { PC1_1: 1, PC2_2: 1, CDELT1: 1, CDELT2: 1 },
      /CD was taken/,
      0.01,
    ],
    [
      'has the rotation in CD and the scale in CDELT',
      { ...scaled(3600 / 0.6), CDELT1: 0.6 / 3600, CDELT2: 0.6 / 3600 },
      /CD was read as PC/,
      0.01,
    ],
    ['has CD in arcseconds', scaled(3600), /read as arcseconds/, 0.01],
    [
      'says arcsec and means it for the scale only',
      { ...scaled(3600), CUNIT1: 'arcsec', CUNIT2: 'arcsec' },
      /holds for the scale only/,
      0.01,
    ],
    ['has an unknown unit', { CUNIT1: 'pixel' }, /CUNIT1 = pixel is no angle/, 0.01],
    ['has right ascension in hours', { CRVAL1: 150.25 / 15 }, /in hours/, 0.01],
    ['has hours by its unit', { CRVAL1: 150.25 / 15, CUNIT1: 'hourangle' }, /from hours into degrees/, 0.01],
    ['has values in sixties', { CRVAL1: '10:01:00', CRVAL2: '-30:30:00' }, /in sixties/, 0.01],
    ['has longitude and latitude exchanged', { CRVAL1: -30.5, CRVAL2: 150.25 }, /exchanged/, 0.01],
    ['has no projection', { CTYPE1: 'RA', CTYPE2: 'DEC' }, /names no projection/, 0.01],
    ['lacks CTYPE2', { CTYPE2: undefined }, /CTYPE2 is missing/, 0.01],
    ['lacks CRPIX', { CRPIX1: undefined, CRPIX2: undefined }, /middle of the image/, 0.01],
    ['has LONPOLE and LATPOLE of 999', { LONPOLE: 999, LATPOLE: 999 }, /off the sphere/, 0.01],
    ['has LONPOLE that is no number', { LONPOLE: 'unknown' }, /no number/, 0.01],
    [
      'has SIP that tears the image',
      { A_ORDER: 2, B_ORDER: 2, A_2_0: 0.5, B_0_2: 1e-9 },
      /move a corner/,
      0.01,
    ],
    ['has SIP terms without their order', { A_2_0: 1e-6 }, /A_ORDER is missing/, 0.01],
    // The pointing is within a minute of arc of the truth: so are the coordinates.
    ['lacks CRVAL', { CRVAL1: undefined, CRVAL2: undefined }, /pointing of the header/, 100],
    ['has CRVAL 0, 0', { CRVAL1: 0, CRVAL2: 0 }, /not where the telescope pointed/, 100],
  ])('that %s is mended with a note', (_what, changes, note, withinPx) => {
    const broken = change(changes);
    const { header, notes } = repairWcsHeader(broken, SIZE);
    expect(notes.join(' ')).toMatch(note);
    expect(worstPx(header)).toBeLessThan(withinPx);
  });

  test('that has no reference value and no pointing loses its coordinates instead of lying at 0, 0', () => {
    const { header, notes } = repairWcsHeader(change({ CRVAL1: undefined, RA: undefined }), SIZE);
    expect(parseWcs(header)).toBeUndefined();
    expect(notes[0]).toMatch(/CRVAL1 is missing and the header tells no pointing/);
  });

  test('of SCAMP with PV under TAN, or SIP without its suffix, is read so and said so', () => {
    const scamp = change({ PV1_5: 1e-4, PV2_5: 1e-4 });
    expect(repairWcsHeader(scamp, SIZE)).toEqual({
      header: scamp,
      notes: [expect.stringMatching(/read as TPV/)],
    });
    const sip = change({ A_ORDER: 2, B_ORDER: 2, A_2_0: 1e-6 });
    expect(repairWcsHeader(sip, SIZE).notes).toEqual([expect.stringMatching(/does not say SIP/)]);
  });

  test('that is sound comes back as it is', () => {
    for (const header of [
      SOUND,
      change(asCdelt()),
      change({ LONPOLE: 180, EQUINOX: 2000, CDELT1: 1, CDELT2: 1 }),
      change({
        ...scaled(3600),
        CUNIT1: 'arcsec',
        CUNIT2: 'arcsec',
        CRVAL1: 150.25 * 3600,
        CRVAL2: -30.5 * 3600,
      }),
      [{ keyword: 'CTYPE1', value: 'LINEAR' }],
      [],
    ] as Header[]) {
      const repaired = repairWcsHeader(header, SIZE);
      expect(repaired.header).toBe(header);
      expect(repaired.notes).toEqual([]);
    }
  });
});
