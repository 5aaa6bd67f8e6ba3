import { type Header, parseWcs, type Wcs } from '../../core/domains/observations/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import { createRandom, type Random } from '../../core/utils/index.ts';

/** What two simulated cameras see of one sky; ranges are drawn from uniformly. */
export interface PairRecipe {
  /** Stars of the sky on the science image, down to where the deeper image sees nothing. */
  readonly stars: number;
  /** Share of the science image that the template covers. */
  readonly overlap: readonly [number, number];
  /** Template pixels a science pixel. */
  readonly scale: readonly [number, number];
  readonly rotationDeg: number;
  /** Chance that the template is mirrored. */
  readonly flips: number;
  /** Distortion of each camera at its corner, px: cubic, with a fifth order and decentring of a third of it. */
  readonly distortionPx: number;
  /** Amplitude of a wave of two to three periods over the template, px: what no low order follows. */
  readonly wavePx?: number;
  /** Science and template: S/N of a star that is seen in half of the cases is 5; this is the ratio of the depths. */
  readonly depthRatio: readonly [number, number];
  /** FWHM of both, px of the science image. */
  readonly seeingPx: readonly [number, number];
  /** False sources a true one. */
  readonly spurious: number;
  /** What the headers say: nothing, the truth but for an offset, or the same without distortion. */
  readonly wcs: 'none' | 'sip' | 'no-distortion';
  /** Largest error of the headers' pointing, px. */
  readonly wcsErrorPx: number;
}

/** One image of a pair: what its header and its pixels would tell. */
export interface View {
  readonly width: number;
  readonly height: number;
  readonly sources: readonly Source[];
  /** Which true star each source is; -1 for none. */
  readonly stars: readonly number[];
  readonly wcs?: Wcs | undefined;
}

/** Two views of one sky, and what is true of them. */
export interface DistortedPair {
  readonly science: View;
  readonly template: View;
  /** Where a science pixel truly lies on the template. */
  readonly truth: (xPx: number, yPx: number) => readonly [number, number];
}

/** Side of the science image, px. */
const SIDE = 2048;

/** A camera: pixels bent by a SIP polynomial, turned by a matrix, on the plane that touches the sky where it points. */
interface Camera {
  readonly side: number;
  readonly pointing: SkyPoint;
  /** Arcsec in the tangent plane for camera px, row-major. */
  readonly matrix: readonly [number, number, number, number];
  readonly bend: (u: number, v: number) => readonly [number, number];
  readonly cards: Header;
}

/** Right ascension and declination, radians. */
type SkyPoint = readonly [number, number];

/** Draw a pair of source lists from a seed. */
export function drawPair(recipe: PairRecipe, seed: number): DistortedPair {
  const random = createRandom(seed);
  const between = ([low, high]: readonly [number, number]): number => low + (high - low) * random.uniform();
  const scale = between(recipe.scale);
  const pointing: SkyPoint = [2.6, 0.04];
  const science = makeCamera(SIDE, pointing, 0, 1, false, recipe.distortionPx, 0, random);
  const angle = ((2 * random.uniform() - 1) * recipe.rotationDeg * Math.PI) / 180;
  const isFlipped = random.uniform() < recipe.flips;
  const [dx, dy] = shiftFor(between(recipe.overlap), 2 * Math.PI * random.uniform());
  const template = makeCamera(
    Math.round(SIDE * scale),
    fromPlane(pointing, dx * SIDE, dy * SIDE),
    angle,
    scale,
    isFlipped,
    recipe.distortionPx,
    recipe.wavePx ?? 0,
    random,
  );
  const sky = drawSky(recipe.stars, pointing, random);
  const depth = between(recipe.depthRatio);
  const [scienceSeeing, templateSeeing] = [between(recipe.seeingPx), between(recipe.seeingPx)];
  const errors = [0, 0].map(() => (2 * random.uniform() - 1) * recipe.wcsErrorPx) as [number, number];
  return {
    science: look(science, sky, 1, scienceSeeing, recipe, [0, 0], random),
    template: look(template, sky, depth, templateSeeing * scale, recipe, errors, random),
    truth: (x, y) => toPixel(template, toSky(science, x, y)),
  };
}

/** Shift of one unit square against another, in a direction, that leaves a share in common. */
function shiftFor(overlap: number, direction: number): readonly [number, number] {
  const [cosine, sine] = [Math.cos(direction), Math.sin(direction)];
  let [low, high] = [0, 1.5];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    const left = Math.max(0, 1 - Math.abs(middle * cosine)) * Math.max(0, 1 - Math.abs(middle * sine));
    if (left > overlap) low = middle;
    else high = middle;
  }
  return [low * cosine, low * sine];
}

interface Star {
  readonly at: SkyPoint;
  readonly flux: number;
}

/** Stars over three science images a side, with fluxes as in the sky: many faint, few bright. */
function drawSky(count: number, pointing: SkyPoint, random: Random): Star[] {
  return Array.from({ length: 9 * count }, () => ({
    at: fromPlane(pointing, 3 * SIDE * (random.uniform() - 0.5), 3 * SIDE * (random.uniform() - 0.5)),
    flux: (1 - random.uniform()) ** (-1 / 0.7),
  }));
}

function makeCamera(
  side: number,
  pointing: SkyPoint,
  angle: number,
  scale: number,
  isFlipped: boolean,
  distortionPx: number,
  wavePx: number,
  random: Random,
): Camera {
  const flip = isFlipped ? -1 : 1;
  const [cosine, sine] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const matrix = [cosine, -sine * flip, sine, cosine * flip] as const;
  const half = side / 2;
  const sign = random.uniform() < 0.5 ? -1 : 1;
  // At the corner the squared radius is 2, its product with the radius 2 sqrt(2).
  const cubic = (sign * distortionPx * (0.7 + 0.6 * random.uniform())) / (2 * Math.SQRT2);
  const quintic = 0.15 * cubic * (2 * random.uniform() - 1);
  const quadratic = Array.from({ length: 6 }, () => 0.12 * distortionPx * (2 * random.uniform() - 1));
  const [q0, q1, q2, q3, q4, q5] = quadratic as [number, number, number, number, number, number];
  const [phase, periods] = [2 * Math.PI * random.uniform(), 2 + random.uniform()];
  const wave = (a: number): number => wavePx * Math.sin(Math.PI * periods * a + phase);
  const bend = (u: number, v: number): readonly [number, number] => {
    const [a, b] = [u / half, v / half];
    const square = a * a + b * b;
    const radial = cubic * square + quintic * square * square;
    return [
      radial * a + q0 * a * a + q1 * a * b + q2 * b * b + wave(b),
      radial * b + q3 * a * a + q4 * a * b + q5 * b * b + wave(a),
    ];
  };
  const card = (keyword: string, value: number) => ({ keyword, value });
  const term = (axis: 'A' | 'B', i: number, j: number, value: number) =>
    card(`${axis}_${i}_${j}`, value / half ** (i + j));
  const odd = (axis: 'A' | 'B', i: number, j: number, value: number) =>
    axis === 'A' ? term('A', i, j, value) : term('B', j, i, value);
  const cards: Header = [
    card('CRVAL1', (pointing[0] * 180) / Math.PI),
    card('CRVAL2', (pointing[1] * 180) / Math.PI),
    card('CRPIX1', (side + 1) / 2),
    card('CRPIX2', (side + 1) / 2),
    ...matrix.map((value, k) => card(`CD${1 + (k >> 1)}_${1 + (k & 1)}`, value / 3600)),
    card('A_ORDER', 5),
    card('B_ORDER', 5),
    ...[term('A', 2, 0, q0), term('A', 1, 1, q1), term('A', 0, 2, q2)],
    ...[term('B', 2, 0, q3), term('B', 1, 1, q4), term('B', 0, 2, q5)],
    ...(['A', 'B'] as const).flatMap((axis) => [
      odd(axis, 3, 0, cubic),
      odd(axis, 1, 2, cubic),
      odd(axis, 5, 0, quintic),
      odd(axis, 3, 2, 2 * quintic),
      odd(axis, 1, 4, quintic),
    ]),
  ];
  return { side, pointing, matrix, bend, cards };
}

const RAD_PER_ARCSEC = Math.PI / (180 * 3600);

/** The sky at arcseconds of a tangent plane. */
function fromPlane([ra0, dec0]: SkyPoint, xArcsec: number, yArcsec: number): SkyPoint {
  const [xi, eta] = [xArcsec * RAD_PER_ARCSEC, yArcsec * RAD_PER_ARCSEC];
  const along = Math.cos(dec0) - eta * Math.sin(dec0);
  const ra = ra0 + Math.atan2(xi, along);
  return [ra, Math.atan2(Math.sin(dec0) + eta * Math.cos(dec0), Math.hypot(xi, along))];
}

/** Arcseconds on a tangent plane of a place on the sky. */
function toPlane([ra0, dec0]: SkyPoint, [ra, dec]: SkyPoint): readonly [number, number] {
  const [sine, cosine] = [Math.sin(dec), Math.cos(dec)];
  const depth = Math.sin(dec0) * sine + Math.cos(dec0) * cosine * Math.cos(ra - ra0);
  const eta = Math.cos(dec0) * sine - Math.sin(dec0) * cosine * Math.cos(ra - ra0);
  return [(cosine * Math.sin(ra - ra0)) / depth / RAD_PER_ARCSEC, eta / depth / RAD_PER_ARCSEC];
}

function toSky({ side, pointing, matrix, bend }: Camera, x: number, y: number): SkyPoint {
  const [u, v] = [x - (side - 1) / 2, y - (side - 1) / 2];
  const [du, dv] = bend(u, v);
  const [a, b] = [u + du, v + dv];
  return fromPlane(pointing, matrix[0] * a + matrix[1] * b, matrix[2] * a + matrix[3] * b);
}

function toPixel({ side, pointing, matrix, bend }: Camera, sky: SkyPoint): [number, number] {
  const [xi, eta] = toPlane(pointing, sky);
  const determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2];
  const a = (matrix[3] * xi - matrix[1] * eta) / determinant;
  const b = (matrix[0] * eta - matrix[2] * xi) / determinant;
  let [u, v] = [a, b];
  for (let i = 0; i < 60; i++) {
    const [du, dv] = bend(u, v);
    const moved = Math.abs(a - du - u) + Math.abs(b - dv - v);
    [u, v] = [a - du, b - dv];
    if (moved < 1e-9) break;
  }
  return [u + (side - 1) / 2, v + (side - 1) / 2];
}

/** List what an extraction would find: noise by brightness, blends merged, some sources false. */
function look(
  camera: Camera,
  sky: readonly Star[],
  depth: number,
  fwhmPx: number,
  recipe: PairRecipe,
  wcsError: readonly [number, number],
  random: Random,
): View {
  const cell = Math.max(2, fwhmPx);
  const cells = new Map<string, { x: number; y: number; flux: number; star: number; sum: number }[]>();
  sky.forEach(({ at, flux }, star) => {
    const [xi, eta] = toPlane(camera.pointing, at);
    // Far outside, a distortion's polynomial may lead back in.
    if (Math.hypot(xi, eta) > 1.6 * SIDE) return;
    const [x, y] = toPixel(camera, at);
    if (!(x > 2 && y > 2 && x < camera.side - 3 && y < camera.side - 3)) return;
    // Stars within one FWHM are seen as one, at the mean place by light.
    const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
    for (let j = row - 1; j <= row + 1; j++)
      for (let i = column - 1; i <= column + 1; i++)
        for (const other of cells.get(`${i} ${j}`) ?? []) {
          if (Math.hypot(other.x - x, other.y - y) > fwhmPx) continue;
          const sum = other.sum + flux;
          other.x += ((x - other.x) * flux) / sum;
          other.y += ((y - other.y) * flux) / sum;
          if (flux > other.flux) Object.assign(other, { flux, star });
          other.sum = sum;
          return;
        }
    const key = `${column} ${row}`;
    cells.set(key, [...(cells.get(key) ?? []), { x, y, flux, star, sum: flux }]);
  });
  const found: { source: Source; star: number }[] = [];
  for (const members of cells.values())
    for (const { x, y, sum, star } of members) {
      // The faintest stars of the sky are at S/N 3 on a science image of FWHM 3 px; source noise limits the brightest.
      const snr = 1 / Math.sqrt(1 / (3 * depth * sum) ** 2 + 1 / (30 * depth * sum) + 1 / 2000 ** 2);
      if (snr + random.normal() < 5) continue;
      const error = (0.6 * fwhmPx) / snr;
      found.push({
        source: makeSource(
          x + error * random.normal(),
          y + error * random.normal(),
          sum * (1 + random.normal() / snr) * (1 + 0.05 * random.normal()),
          snr,
          fwhmPx,
        ),
        star,
      });
    }
  const spurious = Math.round(found.length * recipe.spurious);
  for (let k = 0; k < spurious; k++)
    found.push({
      source: makeSource(
        random.uniform() * (camera.side - 1),
        random.uniform() * (camera.side - 1),
        2 * (1 - random.uniform()) ** (-1 / 0.7),
        5 + 10 * random.uniform(),
        fwhmPx,
      ),
      star: -1,
    });
  found.sort((p, q) => q.source.fluxE - p.source.fluxE);
  return {
    width: camera.side,
    height: camera.side,
    sources: found.map(({ source }) => source),
    stars: found.map(({ star }) => star),
    wcs: headerOf(camera, recipe, wcsError),
  };
}

function headerOf(camera: Camera, { wcs }: PairRecipe, error: readonly [number, number]): Wcs | undefined {
  if (wcs === 'none') return undefined;
  const isSip = wcs === 'sip';
  const type = isSip ? '-SIP' : '';
  const cards = camera.cards
    .filter(({ keyword }) => isSip || !/^[AB]_/.test(keyword))
    .map((card) => {
      if (card.keyword === 'CRPIX1') return { ...card, value: (card.value as number) + error[0] };
      if (card.keyword === 'CRPIX2') return { ...card, value: (card.value as number) + error[1] };
      return card;
    });
  return parseWcs([
    { keyword: 'CTYPE1', value: `RA---TAN${type}` },
    { keyword: 'CTYPE2', value: `DEC--TAN${type}` },
    ...cards,
  ]);
}

function makeSource(xPx: number, yPx: number, flux: number, snr: number, fwhmPx: number): Source {
  const fluxE = 1000 * Math.max(1e-3, flux);
  return {
    xPx,
    yPx,
    fluxE,
    fluxErrE: fluxE / snr,
    peakE: fluxE / fwhmPx ** 2,
    snr,
    aPx: fwhmPx / 2.3,
    bPx: fwhmPx / 2.4,
    thetaRad: 0,
    fwhmPx,
    halfLightRadiusPx: fwhmPx / 2,
    kronRadius: 2.5,
    areaPx: 4 * fwhmPx ** 2,
    flags: 0,
    maskBits: 0,
  };
}
