import type { Header } from '../model.ts';
import { multiplyRotations, rotationToIcrs } from './convert-frame.ts';
import type { Distortion, Projection, SkyFrame, Wcs } from './model.ts';
import { orientSphere } from './orient-sphere.ts';
import { hasScampTerms, parseSip, parseTpv, parseWat } from './parse-distortion.ts';
import { parseDssPlate } from './parse-dss.ts';
import { fiducialPoint, findZpnLimit, projectVector } from './project-sphere.ts';
import { badWcs, type CardReader, createCardReader } from './read-cards.ts';

const RADIAN = Math.PI / 180;

/** Keywords that belong to the sky coordinates of an image's first two axes. */
const WCS_KEYWORD =
  /^(WCSAXES|WCSNAME|C(TYPE|UNIT|RPIX|RVAL|DELT|ROTA)[12]|(PC|CD)([12]_[12]|00[12]00[12])|PV[12]_\d+|LONPOLE|LATPOLE|RADESYS|RADECSYS|EQUINOX|EPOCH|[AB]P?_(ORDER|DMAX|\d_\d)|WAT[012]_\d{3}|AMD[XY]\d+|PLT(RA[HMS]|DEC[DMS]|DECSN)|PPO\d|CNPIX[12]|[XY]PIXELSZ)$/;

/** Tell whether a card belongs to the sky coordinates of an image, and goes when they are replaced. */
export function isWcsKeyword(keyword: string): boolean {
  return WCS_KEYWORD.test(keyword);
}

const PROJECTIONS: Readonly<Record<string, Projection>> = {
  TAN: 'TAN',
  TPV: 'TAN',
  TNX: 'TAN',
  SIN: 'SIN',
  NCP: 'SIN',
  STG: 'STG',
  ZEA: 'ZEA',
  ARC: 'ARC',
  ZPN: 'ZPN',
  ZPX: 'ZPN',
  CAR: 'CAR',
  CEA: 'CEA',
  MER: 'MER',
  SFL: 'SFL',
  GLS: 'SFL',
  AIT: 'AIT',
};

const DEGREES_PER_UNIT: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 1 / 60,
  arcsec: 1 / 3600,
  mas: 1 / 3.6e6,
  rad: 1 / RADIAN,
};

interface Axes {
  /** One-based axis numbers. */
  readonly longitude: 1 | 2;
  readonly latitude: 1 | 2;
  readonly code: string;
  readonly system: 'equatorial' | 'galactic' | 'ecliptic';
}

/**
 * Read the celestial coordinates of an image from its header.
 *
 * Understands TAN, SIN (slant and NCP too), STG, ZEA, ARC, ZPN, CAR, CEA, MER, SFL and AIT, with SIP, TPV (also
 * written by SCAMP as TAN with PV), TNX, ZPX and DSS plate solutions; PC, CD, CDELT and CROTA; LONPOLE and
 * LATPOLE; ICRS, FK5 of any equinox, FK4 of B1950, galactic and ecliptic axes. Lookup-table distortions
 * (CPDIS, D2IM) live outside the header: they are left out, and a note says so.
 *
 * @returns `undefined` when the first two axes are not a celestial pair.
 * @throws observations/bad-wcs when they are, but cannot be used: the message names the card.
 * @see Papers I and II (Greisen & Calabretta 2002; Calabretta & Greisen 2002)
 */
export function parseWcs(header: Header): Wcs | undefined {
  const cards = createCardReader(header);
  const axes = findAxes(cards);
  const keep = header.filter((card) => WCS_KEYWORD.test(card.keyword) && card.value !== undefined);
  const kept = keep.map((card) => (card.keyword === 'WCSAXES' ? { ...card, value: 2 } : card));
  return axes === undefined ? parsePlateSolution(cards, kept) : parseStandard(cards, axes, kept);
}

function parseStandard(cards: CardReader, axes: Axes, kept: Header): Wcs {
  const { longitude, latitude, code } = axes;
  const projection = PROJECTIONS[code];
  if (projection === undefined)
    throw badWcs(
      `projection ${code} in CTYPE${longitude} is not supported (${Object.keys(PROJECTIONS).join(', ')} are).`,
      `CTYPE${longitude}`,
      cards.text(`CTYPE${longitude}`),
    );
  const notes: string[] = [];
  for (const card of cards.matching(/^(CPDIS|D2IMDIS|CQDIS)[12]$/))
    notes.push(`The lookup-table distortion ${card.keyword} is not applied.`);

  const units = [unitOf(cards, longitude), unitOf(cards, latitude)] as const;
  const longitudeDeg = (cards.number(`CRVAL${longitude}`) ?? 0) * units[0];
  const latitudeDeg = (cards.number(`CRVAL${latitude}`) ?? 0) * units[1];
  if (Math.abs(latitudeDeg) > 90)
    throw badWcs(`latitude ${latitudeDeg} is beyond the pole.`, `CRVAL${latitude}`, latitudeDeg);
  const matrix = parseMatrix(cards, axes, units);

  const isTpv = code === 'TPV' || (code === 'TAN' && hasScampTerms(cards, longitude, latitude));
  const pixelDistortion = parseSip(cards);
  let planeDistortion: Distortion | undefined;
  let parameters = readParameters(cards, latitude);
  if (code === 'TNX' || code === 'ZPX') {
    const wat = parseWat(cards, code, longitude, latitude);
    planeDistortion = wat.distortion;
    if (code === 'ZPX' && wat.projection.length > 0) parameters = wat.projection;
    if (planeDistortion === undefined) notes.push(`${code} without a surface in WAT: read as ${projection}.`);
  } else if (isTpv) {
    // Some pipelines leave SCAMP's PV beside a later SIP fit; both together would correct twice.
    if (pixelDistortion === undefined) planeDistortion = parseTpv(cards, longitude, latitude);
    else notes.push('Both SIP and PV distortions are present: SIP is used.');
  }
  if (projection === 'TAN') parameters = [];
  if (code === 'NCP') parameters = [0, 0, 1 / Math.tan(latitudeDeg * RADIAN)];
  if (projection === 'ZPN' && !parameters.some((value) => value !== 0)) parameters = [0, 1];

  const native = fiducialPoint(projection);
  const parameter = (index: number): number | undefined =>
    isTpv ? undefined : cards.number(`PV${longitude}_${index}`);
  const nativeLongitudeDeg = parameter(1) ?? native[0];
  const nativeLatitudeDeg = parameter(2) ?? native[1];
  const toFrame = orientSphere({
    longitudeDeg,
    latitudeDeg,
    nativeLongitudeDeg,
    nativeLatitudeDeg,
    lonPoleDeg: parameter(3) ?? cards.number('LONPOLE'),
    latPoleDeg: parameter(4) ?? cards.number('LATPOLE'),
  });
  if (toFrame === undefined)
    throw badWcs(
      `no sphere has CRVAL${latitude} = ${latitudeDeg} with this LONPOLE.`,
      'LONPOLE',
      cards.number('LONPOLE'),
    );
  const { frame, equinox } = readFrame(cards, axes, notes);
  const zpnLimitRad = projection === 'ZPN' ? findZpnLimit(parameters) : Math.PI;
  return {
    projection,
    parameters,
    zpnLimitRad,
    xRefPx: (cards.number('CRPIX1') ?? 0) - 1,
    yRefPx: (cards.number('CRPIX2') ?? 0) - 1,
    matrix,
    inverseMatrix: invert(matrix),
    planeOffset:
      (parameter(0) ?? 0) === 0
        ? [0, 0]
        : planeOffset({ projection, parameters, zpnLimitRad }, nativeLongitudeDeg, nativeLatitudeDeg),
    pixelDistortion,
    planeDistortion,
    rotation: frame === 'FK4' ? toFrame : multiplyRotations(rotationToIcrs(frame, equinox), toFrame),
    frame,
    cards: kept,
    notes,
  };
}

/** A DSS header without a standard WCS: TAN about the plate's centre, in millimetres. */
function parsePlateSolution(cards: CardReader, kept: Header): Wcs | undefined {
  const plate = parseDssPlate(cards);
  if (plate === undefined) return undefined;
  const matrix = [plate.xMmPerPx, 0, 0, plate.yMmPerPx] as const;
  const toFrame = orientSphere({
    longitudeDeg: plate.longitudeDeg,
    latitudeDeg: plate.latitudeDeg,
    nativeLongitudeDeg: 0,
    nativeLatitudeDeg: 90,
    lonPoleDeg: 180,
  })!;
  return {
    projection: 'TAN',
    parameters: [],
    zpnLimitRad: Math.PI,
    xRefPx: plate.xRefPx,
    yRefPx: plate.yRefPx,
    matrix,
    inverseMatrix: invert(matrix),
    planeOffset: [0, 0],
    planeDistortion: plate.distortion,
    rotation: toFrame,
    frame: 'FK5',
    cards: kept,
    notes: ['Coordinates are those of the DSS plate solution.'],
  };
}

/** Find the celestial pair on axes 1 and 2, in either order. */
function findAxes(cards: CardReader): Axes | undefined {
  const types = [cards.text('CTYPE1') ?? '', cards.text('CTYPE2') ?? ''];
  const parsed = types.map((type) =>
    /^(RA|DEC|[GE]L(?:ON|AT))-{1,}([A-Z]{3})(-SIP)?$/.exec(type.toUpperCase()),
  );
  const [first, second] = parsed;
  if (!first || !second) return undefined;
  const pairs = { RA: 'DEC', GLON: 'GLAT', ELON: 'ELAT' } as Readonly<Record<string, string>>;
  const isForward = pairs[first[1]!] === second[1];
  if (!isForward && pairs[second[1]!] !== first[1]) return undefined;
  if (first[2] !== second[2])
    throw badWcs(`CTYPE1 = ${types[0]} and CTYPE2 = ${types[1]} do not agree.`, 'CTYPE2', types[1]);
  const longitudeType = isForward ? first[1] : second[1];
  return {
    longitude: isForward ? 1 : 2,
    latitude: isForward ? 2 : 1,
    code: first[2]!,
    system: longitudeType === 'GLON' ? 'galactic' : longitudeType === 'ELON' ? 'ecliptic' : 'equatorial',
  };
}

/**
 * Build the matrix from pixels to the plane, degrees; the longitude's row first.
 *
 * PC wins over CD and CD over CROTA, when a header has several.
 */
function parseMatrix(
  cards: CardReader,
  { longitude, latitude }: Axes,
  units: readonly [number, number],
): readonly [number, number, number, number] {
  const element = (name: string, i: number, j: number): number | undefined =>
    cards.number(`${name}${i}_${j}`) ?? cards.number(`${name}00${i}00${j}`);
  const has = (name: string): boolean =>
    [1, 2].some((i) => [1, 2].some((j) => element(name, i, j) !== undefined));
  const hasPc = cards.matching(/^PC[12]_[12]$/).length > 0;
  const hasScale = cards.has('CDELT1') || cards.has('CDELT2');
  if (!hasPc && !has('CD') && !hasScale)
    throw badWcs('there is no scale: neither CD, nor PC, nor CDELT.', 'CDELT1');
  const delta = [cards.number('CDELT1') ?? 1, cards.number('CDELT2') ?? 1];
  const row = (axis: number): [number, number] => {
    const other = 3 - axis;
    if (hasPc || (!has('CD') && has('PC'))) {
      const own = (element('PC', axis, axis) ?? 1) * delta[axis - 1]!;
      const cross = (element('PC', axis, other) ?? 0) * delta[axis - 1]!;
      return axis === 1 ? [own, cross] : [cross, own];
    }
    if (has('CD')) return [element('CD', axis, 1) ?? 0, element('CD', axis, 2) ?? 0];
    // CROTA belongs to the latitude axis; AIPS wrote it so, others on both. Paper I eq. 188 ff.
    const angle = (cards.number(`CROTA${latitude}`) ?? cards.number(`CROTA${longitude}`) ?? 0) * RADIAN;
    const sine = Math.sin(angle) * delta[2 - axis]! * (axis === longitude ? -1 : 1);
    return axis === 1 ? [Math.cos(angle) * delta[0]!, sine] : [sine, Math.cos(angle) * delta[1]!];
  };
  const [a, b] = row(longitude).map((value) => value * units[0]) as [number, number];
  const [c, d] = row(latitude).map((value) => value * units[1]) as [number, number];
  const size = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  if (!(Math.abs(a * d - b * c) > 1e-12 * size * size))
    throw badWcs(
      `the pixel matrix [${a}, ${b}; ${c}, ${d}] cannot be inverted.`,
      has('CD') ? 'CD1_1' : 'CDELT1',
      [a, b, c, d],
    );
  return [a, b, c, d];
}

function readParameters(cards: CardReader, latitude: number): readonly number[] {
  const parameters: number[] = [];
  for (let index = 0; index <= 30; index++) {
    const value = cards.number(`PV${latitude}_${index}`);
    if (value === undefined) continue;
    while (parameters.length <= index) parameters.push(0);
    parameters[index] = value;
  }
  return parameters;
}

function readFrame(cards: CardReader, axes: Axes, notes: string[]): { frame: SkyFrame; equinox: number } {
  if (axes.system !== 'equatorial') return { frame: axes.system, equinox: 2000 };
  const equinox = readEquinox(cards, notes);
  const named = (cards.text('RADESYS') ?? cards.text('RADECSYS') ?? '').toUpperCase();
  // Paper II, section 3.1: without RADESYS the equinox tells.
  const system = named !== '' ? named : equinox === undefined ? 'ICRS' : equinox < 1984 ? 'FK4' : 'FK5';
  switch (system) {
    case 'ICRS':
      return { frame: 'ICRS', equinox: 2000 };
    case 'FK5':
      if (equinox !== undefined && equinox !== 2000)
        notes.push(`Coordinates of equinox ${equinox} were precessed to J2000.`);
      return { frame: 'FK5', equinox: equinox ?? 2000 };
    case 'FK4':
    case 'FK4-NO-E':
      if (Math.abs((equinox ?? 1950) - 1950) > 0.01)
        throw badWcs(`FK4 of equinox ${equinox} is not supported, only 1950.`, 'EQUINOX', equinox);
      notes.push('FK4 coordinates of B1950 were turned into ICRS.');
      if (system !== 'FK4') notes.push('FK4-NO-E is read as FK4: an error of up to 0.3 arcsec.');
      return { frame: 'FK4', equinox: 1950 };
    default:
      notes.push(`RADESYS = ${system} is read as ICRS.`);
      return { frame: 'ICRS', equinox: 2000 };
  }
}

/** Also as text (`J2000`), as some acquisition programs write it; nonsense such as 0 counts as absent. */
function readEquinox(cards: CardReader, notes: string[]): number | undefined {
  const keyword = cards.has('EQUINOX') ? 'EQUINOX' : 'EPOCH';
  const text = cards.text(keyword);
  const equinox = text === undefined ? cards.number(keyword) : Number(text.replace(/^[JB]\s*/i, ''));
  if (equinox === undefined || (equinox > 1800 && equinox < 2200)) return equinox;
  notes.push(`${keyword} = ${text ?? equinox} is no equinox and was left aside.`);
  return undefined;
}

function unitOf(cards: CardReader, axis: number): number {
  const unit = cards.text(`CUNIT${axis}`) ?? '';
  if (unit === '') return 1;
  const factor = DEGREES_PER_UNIT[unit.toLowerCase()];
  if (factor === undefined) throw badWcs(`CUNIT${axis} = ${unit} is not an angle.`, `CUNIT${axis}`, unit);
  return factor;
}

/** Plane coordinates (degrees) of the fiducial point, by which an offset projection is shifted (PVi_0 = 1). */
function planeOffset(
  sphere: Pick<Wcs, 'projection' | 'parameters' | 'zpnLimitRad'>,
  longitudeDeg: number,
  latitudeDeg: number,
): readonly [number, number] {
  const [phi, theta] = [longitudeDeg * RADIAN, latitudeDeg * RADIAN];
  const vector = new Float64Array([
    Math.cos(theta) * Math.cos(phi),
    Math.cos(theta) * Math.sin(phi),
    Math.sin(theta),
  ]);
  const point = new Float64Array(3);
  if (!projectVector(sphere, vector, point))
    throw badWcs('the fiducial point of PV cards is not on the projection.', 'PV1_0', 1);
  return [point[0]! / RADIAN, point[1]! / RADIAN];
}

function invert([a, b, c, d]: readonly [number, number, number, number]): [number, number, number, number] {
  const determinant = a * d - b * c;
  return [d / determinant, -b / determinant, -c / determinant, a / determinant];
}
