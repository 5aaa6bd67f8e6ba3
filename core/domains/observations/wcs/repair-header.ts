import { headerString } from '../header.ts';
import type { Header } from '../model.ts';
import { readPointing } from '../read-pointing.ts';
import { createHeaderEditor, type HeaderEditor } from './edit-header.ts';

/** A header whose sky coordinates may be read, and one sentence for each thing that was mended. */
export interface RepairedHeader {
  readonly header: Header;
  readonly notes: readonly string[];
}

/** Sizes that a pixel may have, arcsec. */
const SCALE_RANGE = [0.001, 1800] as const;
/** A gnomonic image cannot be wider, degrees. */
const WIDEST_DEG = 170;
/** The header's pointing tells the reference value within this, degrees. */
const NEAR_DEG = 2;
/** A SIP polynomial that moves a corner by more than this part of the image is no distortion. */
const MOST_SIP = 0.2;

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Mend what is broken in an image's WCS cards, each thing with a note.
 *
 * A sound header comes back as it is, the same object. Only what cannot be meant is changed: zero matrices, mixed CD,
 * PC and CDELT, missing CTYPE, CRPIX or CRVAL, right ascension in hours, swapped or sexagesimal values, wrong units,
 * poles off the sphere, polynomials that tear the image. What is mended is a guess: the stars must confirm it.
 *
 * @see Greisen & Calabretta 2002, A&A 395, 1061, for what a header must say
 */
export function repairWcsHeader(header: Header, size: Size): RepairedHeader {
  if (!looksCelestial(header)) return { header, notes: [] };
  const edit = createHeaderEditor(header);
  const pointing = readPointing(header.filter(({ keyword }) => !/^CRVAL[12]$/.test(keyword)));
  repairTypes(edit);
  repairNumbers(edit);
  repairReference(edit, pointing, size);
  repairUnits(edit, pointing);
  repairHours(edit, pointing);
  repairMatrix(edit);
  repairScale(edit, size);
  repairPoles(edit);
  repairSip(edit, size);
  return edit.finish();
}

function looksCelestial(header: Header): boolean {
  return [1, 2].some((axis) => /^(RA|DEC)(\b|-)/i.test(headerString(header, `CTYPE${axis}`) ?? ''));
}

/** `RA` alone means TAN to those who write it so; one axis missing follows the other. */
function repairTypes(edit: HeaderEditor): void {
  for (const axis of [1, 2]) {
    const type = edit.text(`CTYPE${axis}`);
    const bare = /^(RA|DEC)-*$/i.exec(type ?? '');
    if (bare !== null) {
      const full = bare[1]!.toUpperCase() === 'RA' ? 'RA---TAN' : 'DEC--TAN';
      edit.set(`CTYPE${axis}`, full, `CTYPE${axis} = ${type} names no projection: TAN was taken.`);
    }
  }
  const [first, second] = [edit.text('CTYPE1'), edit.text('CTYPE2')];
  const partner = (type: string): string =>
    /^RA/i.test(type) ? type.replace(/^RA-{3}/i, 'DEC--') : type.replace(/^DEC-{2}/i, 'RA---');
  if (first === undefined && second !== undefined)
    edit.set('CTYPE1', partner(second), 'CTYPE1 is missing: it was taken from CTYPE2.');
  if (second === undefined && first !== undefined)
    edit.set('CTYPE2', partner(first), 'CTYPE2 is missing: it was taken from CTYPE1.');
  const hasSuffix = [1, 2].some((axis) => edit.text(`CTYPE${axis}`)?.toUpperCase().endsWith('-SIP'));
  if (!hasSuffix && (edit.number('A_ORDER') ?? 0) > 1)
    edit.note('CTYPE does not say SIP, but SIP polynomials are there: they were applied.');
  const isTan = /^(RA|DEC)-+TAN$/i.test(edit.text('CTYPE1') ?? '');
  if (isTan && (edit.number('A_ORDER') ?? 0) < 1 && edit.matching(/^PV[12]_([5-9]|\d\d)$/).length > 0)
    edit.note('PV polynomials stand under TAN, as SCAMP wrote them: they were read as TPV.');
}

/** Reference values in sixties become degrees; other cards that are no numbers go. */
function repairNumbers(edit: HeaderEditor): void {
  for (const axis of [1, 2]) {
    const keyword = `CRVAL${axis}`;
    const text = edit.text(keyword);
    if (text === undefined || edit.number(keyword) !== undefined) continue;
    const isRa = /^RA/i.test(edit.text(`CTYPE${axis}`) ?? '');
    const place = readPointing(isRa ? makePlace(text, '0:00:00') : makePlace('0:00:00', text));
    const value = isRa ? place?.raDeg : place?.decDeg;
    if (value === undefined) edit.drop(keyword, `${keyword} = ${text} is no number.`);
    else
      edit.set(keyword, value, `${keyword} = ${text} was read as ${isRa ? 'hours' : 'degrees'} in sixties.`);
  }
  for (const keyword of edit.matching(
    /^(CRPIX[12]|CDELT[12]|CROTA[12]|(CD|PC)[12]_[12]|LONPOLE|LATPOLE|PV[12]_\d+|[AB]P?_(ORDER|\d_\d))$/,
  )) {
    if (edit.has(keyword) && edit.number(keyword) === undefined)
      edit.drop(keyword, `${keyword} = ${edit.text(keyword)} is no number and was left aside.`);
  }
}

function makePlace(ra: string, dec: string): Header {
  return [
    { keyword: 'RA', value: ra },
    { keyword: 'DEC', value: dec },
  ];
}

type Place = { readonly raDeg: number; readonly decDeg: number } | undefined;

function repairReference(edit: HeaderEditor, pointing: Place, { widthPx, heightPx }: Size): void {
  for (const [axis, side] of [
    [1, widthPx],
    [2, heightPx],
  ] as const) {
    if (!edit.has(`CRPIX${axis}`))
      edit.set(`CRPIX${axis}`, (side + 1) / 2, `CRPIX${axis} is missing: the middle of the image was taken.`);
  }
  const [lon, lat] = axesOf(edit);
  const ra = edit.number(`CRVAL${lon}`);
  const dec = edit.number(`CRVAL${lat}`);
  const isUnset = ra === 0 && dec === 0 && pointing !== undefined && !isNear(0, 0, pointing);
  if (ra !== undefined && dec !== undefined && !isUnset) {
    if (Math.abs(dec) > 90 && Math.abs(ra) <= 90) {
      edit.set(
        `CRVAL${lon}`,
        dec,
        `CRVAL${lat} = ${dec} is beyond the pole: CRVAL1 and CRVAL2 were exchanged.`,
      );
      edit.set(`CRVAL${lat}`, ra);
    }
    return;
  }
  if (pointing === undefined) {
    const missing = ra === undefined ? `CRVAL${lon}` : `CRVAL${lat}`;
    edit.drop(
      'CTYPE1',
      `${missing} is missing and the header tells no pointing: there are no sky coordinates.`,
    );
    edit.drop('CTYPE2');
    return;
  }
  const why = isUnset ? 'is 0, 0, which is not where the telescope pointed' : 'is missing';
  edit.set(`CRVAL${lon}`, pointing.raDeg, `CRVAL ${why}: the pointing of the header was taken.`);
  edit.set(`CRVAL${lat}`, pointing.decDeg);
}

function repairUnits(edit: HeaderEditor, pointing: Place): void {
  const [lon, lat] = axesOf(edit);
  for (const axis of [1, 2]) {
    const keyword = `CUNIT${axis}`;
    const unit = edit.text(keyword)?.toLowerCase() ?? '';
    if (/^(h|hr|hour|hours|hourangle)$/.test(unit)) {
      const value = edit.number(`CRVAL${axis}`);
      if (axis === lon && value !== undefined && value < 24)
        edit.set(
          `CRVAL${axis}`,
          value * 15,
          `${keyword} = ${unit}: CRVAL${axis} was turned from hours into degrees.`,
        );
      edit.set(keyword, 'deg');
    } else if (unit !== '' && !/^(deg|degrees?|arcmin|arcsec|mas|rad)$/.test(unit))
      edit.drop(keyword, `${keyword} = ${edit.text(keyword)} is no angle: degrees were taken.`);
  }
  // The unit is meant for the scale alone when the reference values are where the telescope pointed only as degrees.
  const factor = { arcsec: 1 / 3600, arcmin: 1 / 60 }[edit.text(`CUNIT${lon}`)?.toLowerCase() ?? ''];
  const [ra, dec] = [edit.number(`CRVAL${lon}`), edit.number(`CRVAL${lat}`)];
  if (factor === undefined || ra === undefined || dec === undefined) return;
  const isDegrees = pointing
    ? isNear(ra, dec, pointing) && !isNear(ra * factor, dec * factor, pointing)
    : Math.abs(ra * factor) < 0.1;
  if (!isDegrees) return;
  for (const keyword of edit.matching(/^(CD[12]_[12]|CDELT[12])$/))
    edit.set(keyword, edit.number(keyword)! * factor);
  edit.set(
    'CUNIT1',
    'deg',
    `CUNIT = ${edit.text(`CUNIT${lon}`)} holds for the scale only: CRVAL is in degrees.`,
  );
  edit.set('CUNIT2', 'deg');
}

function repairHours(edit: HeaderEditor, pointing: Place): void {
  const [lon, lat] = axesOf(edit);
  const [ra, dec] = [edit.number(`CRVAL${lon}`), edit.number(`CRVAL${lat}`)];
  if (pointing === undefined || ra === undefined || dec === undefined || !(ra >= 0 && ra < 24)) return;
  if (isNear(15 * ra, dec, pointing) && !isNear(ra, dec, pointing))
    edit.set(
      `CRVAL${lon}`,
      15 * ra,
      `CRVAL${lon} = ${ra} is in hours, as the pointing shows: it was turned into degrees.`,
    );
}

function repairMatrix(edit: HeaderEditor): void {
  const elements = (name: 'CD' | 'PC'): readonly string[] => edit.matching(new RegExp(`^${name}[12]_[12]$`));
  const areZero = (keywords: readonly string[]): boolean =>
    keywords.length > 0 && keywords.every((keyword) => edit.number(keyword) === 0);
  const cdelt = ['CDELT1', 'CDELT2'].map((keyword) => edit.number(keyword));
  const hasCdelt = cdelt.some((value) => value !== undefined && value !== 0);
  for (const name of ['CD', 'PC'] as const) {
    const own = elements(name);
    if (areZero(own) && (hasCdelt || name === 'PC'))
      edit.dropAll(own, `All ${name} are zero: they were left aside.`);
  }
  if (cdelt[0] === 0 && (cdelt[1] ?? 0) !== 0 && elements('CD').length === 0)
    edit.set(
      'CDELT1',
      -Math.abs(cdelt[1]!),
      'CDELT1 is zero: square pixels with east to the left were taken.',
    );
  if (cdelt[1] === 0 && (cdelt[0] ?? 0) !== 0 && elements('CD').length === 0)
    edit.set('CDELT2', Math.abs(cdelt[0]!), 'CDELT2 is zero: square pixels were taken.');
  const cdScale = scaleOf(edit, 'CD');
  const pcScale = scaleOf(edit, 'PC');
  const cdeltScale = Math.sqrt(Math.abs((edit.number('CDELT1') ?? 0) * (edit.number('CDELT2') ?? 0))) * 3600;
  if (cdScale !== undefined && pcScale !== undefined && Math.abs(cdScale / pcScale - 1) > 0.02) {
    if (isScale(cdScale) && !isScale(pcScale))
      edit.dropAll(
        elements('PC'),
        'CD and PC contradict each other, and PC with CDELT gives no scale: CD was taken.',
      );
    else edit.note('CD and PC contradict each other: PC with CDELT was taken.');
  }
  // A rotation written as CD, with the scale in CDELT.
  if (
    pcScale === undefined &&
    cdScale !== undefined &&
    Math.abs(cdScale / 3600 - 1) < 0.1 &&
    isScale(cdeltScale)
  ) {
    for (const keyword of elements('CD')) edit.set(keyword.replace('CD', 'PC'), edit.number(keyword)!);
    edit.dropAll(elements('CD'), 'CD holds a rotation only, the scale is in CDELT: CD was read as PC.');
  }
}

/** A gnomonic image wider than the sky has its scale in arcseconds. */
function repairScale(edit: HeaderEditor, { widthPx, heightPx }: Size): void {
  const scale = scaleOf(edit, 'CD') ?? scaleOf(edit, 'PC') ?? Math.abs(edit.number('CDELT2') ?? 0) * 3600;
  const widthDeg = (Math.max(widthPx, heightPx) * scale) / 3600;
  const isGnomonic = /^(RA|DEC)-+(TAN|TPV|TNX)/i.test(edit.text('CTYPE1') ?? '');
  if (!isGnomonic || widthDeg < WIDEST_DEG || !isScale(scale / 3600)) return;
  if (edit.text('CUNIT1') !== undefined && edit.text('CUNIT1')!.toLowerCase() !== 'deg') return;
  for (const keyword of edit.matching(/^(CD[12]_[12]|CDELT[12])$/))
    edit.set(keyword, edit.number(keyword)! / 3600);
  edit.note(`The image would be ${widthDeg.toFixed(0)} degrees wide: the scale was read as arcseconds.`);
}

function repairPoles(edit: HeaderEditor): void {
  for (const [keyword, most] of [
    ['LONPOLE', 360],
    ['LATPOLE', 90],
  ] as const) {
    const value = edit.number(keyword);
    // 999 is written for "default" by some programs, and means it.
    if (value !== undefined && Math.abs(value) > most)
      edit.drop(keyword, `${keyword} = ${value} is off the sphere and was left aside.`);
  }
}

function repairSip(edit: HeaderEditor, size: Size): void {
  const all = edit.matching(/^[AB]P?_(ORDER|DMAX|\d_\d)$/);
  const fault = all.length === 0 ? undefined : (faultOfSip(edit, 'A', size) ?? faultOfSip(edit, 'B', size));
  if (fault !== undefined) edit.dropAll(all, `${fault}: the distortion was left aside.`);
}

function faultOfSip(edit: HeaderEditor, letter: 'A' | 'B', { widthPx, heightPx }: Size): string | undefined {
  const order = edit.number(`${letter}_ORDER`);
  const terms = edit.matching(new RegExp(`^${letter}_\\d_\\d$`));
  if (order === undefined) return terms.length > 0 ? `${letter}_ORDER is missing` : undefined;
  if (!Number.isInteger(order) || order < 0 || order > 9) return `${letter}_ORDER = ${order} is no order`;
  const corner = terms.reduce((sum, keyword) => {
    const [i, j] = [Number(keyword[2]), Number(keyword[4])];
    return sum + Math.abs(edit.number(keyword) ?? 0) * (widthPx / 2) ** i * (heightPx / 2) ** j;
  }, 0);
  return corner > MOST_SIP * Math.max(widthPx, heightPx)
    ? `SIP would move a corner by up to ${corner.toPrecision(3)} px`
    : undefined;
}

/** Axis of the longitude and of the latitude. */
function axesOf(edit: HeaderEditor): readonly [1 | 2, 1 | 2] {
  return /^DEC/i.test(edit.text('CTYPE1') ?? '') ? [2, 1] : [1, 2];
}

/** Size of a pixel that a matrix gives, arcsec; `undefined` without the matrix. */
function scaleOf(edit: HeaderEditor, name: 'CD' | 'PC'): number | undefined {
  if (edit.matching(new RegExp(`^${name}[12]_[12]$`)).length === 0) return undefined;
  const own = name === 'CD' ? 0 : 1;
  const at = (i: number, j: number): number => edit.number(`${name}${i}_${j}`) ?? (i === j ? own : 0);
  const deltas = name === 'CD' ? 1 : (edit.number('CDELT1') ?? 1) * (edit.number('CDELT2') ?? 1);
  return Math.sqrt(Math.abs((at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) * deltas)) * 3600;
}

function isScale(arcsec: number): boolean {
  return arcsec >= SCALE_RANGE[0] && arcsec <= SCALE_RANGE[1];
}

function isNear(
  raDeg: number,
  decDeg: number,
  place: { readonly raDeg: number; readonly decDeg: number },
): boolean {
  const dRa =
    (((((raDeg - place.raDeg + 180) % 360) + 360) % 360) - 180) * Math.cos((place.decDeg * Math.PI) / 180);
  return Math.hypot(dRa, decDeg - place.decDeg) < NEAR_DEG;
}
