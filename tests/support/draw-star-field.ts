import { type ReferenceStars, selectReference } from '../../core/domains/catalog/index.ts';
import type { Source } from '../../core/domains/preprocessing/index.ts';
import { createRandom, type Random } from '../../core/utils/index.ts';

const RADIAN = Math.PI / 180;

/** A field drawn as lists of stars, with everything known: the image's sources and the catalogue around it. */
export interface StarField {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly sources: readonly Source[];
  /** Of the whole neighbourhood of the field, at epoch 2016. */
  readonly stars: ReferenceStars;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly scaleArcsec: number;
  readonly rotationDeg: number;
  readonly isFlipped: boolean;
  /** True sky position of a pixel, degrees. */
  toSky(xPx: number, yPx: number): readonly [number, number];
}

export interface StarFieldOptions {
  readonly seed: number;
  readonly sizePx?: number;
  /** Sources of the image. Default 40 to 800. */
  readonly sources?: number;
  /** Radius of sky with catalogue stars, in halves of the image's diagonal. Default 2.6. */
  readonly reach?: number;
  /** Largest distortion at a corner, px. Default 4. */
  readonly distortionPx?: number;
  /** Declination of the centre. Default anywhere, even in area. */
  readonly decDeg?: number;
}

/** Draw a random field anywhere on the sky: rotation, parity, scale, distortion, depth, colours, blends and strangers. */
export function drawStarField(options: StarFieldOptions): StarField {
  const random = createRandom(options.seed);
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const sizePx = options.sizePx ?? Math.round(between(1024, 2048));
  const raDeg = 360 * random.uniform();
  const anywhere = Math.asin(between(-1, 1)) / RADIAN;
  const decDeg = options.decDeg ?? anywhere;
  const scaleArcsec = 0.3 * 8 ** random.uniform();
  const rotationDeg = 360 * random.uniform();
  const isFlipped = random.uniform() < 0.5;
  const count = options.sources ?? Math.round(40 * 20 ** random.uniform());
  const distortion = (options.distortionPx ?? 4) * random.uniform();
  const [k3, q1, q2] = [
    distortion * random.normal() * 0.6,
    distortion * 0.3 * random.normal(),
    distortion * 0.3 * random.normal(),
  ];
  const half = (sizePx - 1) / 2;
  const [cos, sin] = [Math.cos(rotationDeg * RADIAN), Math.sin(rotationDeg * RADIAN)];
  // Pixel -> distorted offsets -> plane (x east, y north), arcsec -> sky.
  const distort = (u: number, v: number): readonly [number, number] => {
    const [a, b] = [u / half, v / half];
    const r2 = (a * a + b * b) / 2;
    return [u + k3 * r2 * a + q1 * a * b + q2 * b * b, v + k3 * r2 * b + q2 * a * b - q1 * a * a];
  };
  const flip = isFlipped ? 1 : -1;
  const toPlane = (x: number, y: number): readonly [number, number] => {
    const [u, v] = distort(x - half, y - half);
    return [scaleArcsec * (flip * cos * u - sin * v), scaleArcsec * (flip * sin * u + cos * v)];
  };
  const toSky = (x: number, y: number): readonly [number, number] =>
    planeToSky(...toPlane(x, y), raDeg, decDeg);
  const fromPlane = (xi: number, eta: number): readonly [number, number] => {
    const [p, q] = [xi / scaleArcsec, eta / scaleArcsec];
    const [u0, v0] = [flip * (cos * p + sin * q), -sin * p + cos * q];
    let [u, v] = [u0, v0];
    for (let round = 0; round < 12; round++) {
      const [du, dv] = distort(u, v);
      [u, v] = [u + u0 - du, v + v0 - dv];
    }
    return [u + half, v + half];
  };

  const radius = (options.reach ?? 2.6) * half * Math.SQRT2 * scaleArcsec;
  const share = sizePx ** 2 / (Math.PI * (radius / scaleArcsec) ** 2);
  // Counts rise as 10^(0.28 m); catalogue and image stop at limits of their own.
  const slope = 0.28 * Math.LN10;
  const deeper = between(-0.7, 1.5);
  const imageLimit = 18;
  const catalogLimit = imageLimit + deeper;
  const deepest = Math.max(imageLimit, catalogLimit) + 0.5;
  const total = Math.round((count * Math.exp(slope * (deepest - imageLimit))) / share);
  const drawn = Array.from({ length: total }, () => {
    const [r, angle] = [radius * Math.sqrt(random.uniform()), 2 * Math.PI * random.uniform()];
    const mag = deepest + Math.log(1 - random.uniform()) / slope;
    return {
      xi: r * Math.cos(angle),
      eta: r * Math.sin(angle),
      mag: Math.max(9, mag),
      colour: 0.8 + 0.5 * random.normal(),
    };
  });
  const sources = drawSources(drawn, fromPlane, { sizePx, limit: imageLimit, random });
  const listed = drawn.filter(
    ({ mag, colour }) => mag + 0.2 * (colour - 0.8) < catalogLimit && random.uniform() > 0.05,
  );
  return {
    widthPx: sizePx,
    heightPx: sizePx,
    sources,
    stars: listStars(listed, raDeg, decDeg, random),
    raDeg,
    decDeg,
    scaleArcsec,
    rotationDeg,
    isFlipped,
    toSky,
  };
}

/** A star on the plane of a field, arcsec east and north of its centre. */
export interface DrawnStar {
  readonly xi: number;
  readonly eta: number;
  readonly mag: number;
  readonly colour: number;
}

/** Draw what an extraction would list of some stars, and strangers among them. */
export function drawSources(
  stars: readonly DrawnStar[],
  fromPlane: (xi: number, eta: number) => readonly [number, number],
  { sizePx, limit, random }: { sizePx: number; limit: number; random: Random },
): readonly Source[] {
  const fwhmPx = 2 + 2 * random.uniform();
  const seen: Source[] = [];
  const add = (x: number, y: number, mag: number): void => {
    // S/N 8 at the limit, photon noise above.
    const flux = 10 ** (0.4 * (limit - mag));
    const snr = (8 * flux) / Math.sqrt(1 + flux / 20);
    const sigma = Math.hypot((0.5 * fwhmPx) / snr, 0.015);
    seen.push(
      sourceAt(
        x + sigma * random.normal(),
        y + sigma * random.normal(),
        1000 * flux * (1 + random.normal() / snr),
        snr,
        fwhmPx,
      ),
    );
  };
  for (const { xi, eta, mag } of stars) {
    if (mag > limit || random.uniform() < 0.03) continue;
    const [x, y] = fromPlane(xi, eta);
    if (x > 2 && y > 2 && x < sizePx - 3 && y < sizePx - 3) add(x, y, mag);
  }
  // Galaxies and accidents that no catalogue lists, a tenth of all.
  const strangers = Math.round(seen.length / 9);
  for (let k = 0; k < strangers; k++)
    add(sizePx * random.uniform(), sizePx * random.uniform(), limit + Math.log(1 - random.uniform()) / 0.65);
  return seen.sort((a, b) => b.fluxE - a.fluxE);
}

function sourceAt(xPx: number, yPx: number, fluxE: number, snr: number, fwhmPx: number): Source {
  const sigma = fwhmPx / 2.355;
  return {
    xPx,
    yPx,
    fluxE: Math.max(1, fluxE),
    fluxErrE: fluxE / snr,
    peakE: fluxE / 10,
    snr,
    aPx: sigma,
    bPx: 0.95 * sigma,
    thetaRad: 0,
    fwhmPx,
    halfLightRadiusPx: 0.6 * fwhmPx,
    kronRadius: 3.5,
    areaPx: 20,
    flags: 0,
    maskBits: 0,
  };
}

function listStars(
  stars: readonly DrawnStar[],
  raDeg: number,
  decDeg: number,
  random: Random,
): ReferenceStars {
  const sky = stars.map(({ xi, eta }) => planeToSky(xi, eta, raDeg, decDeg));
  const gaiaMag = Float32Array.from(
    stars,
    ({ mag, colour }) => mag + 0.2 * (colour - 0.8) + 0.01 * random.normal(),
  );
  const list: ReferenceStars = {
    count: stars.length,
    epochYr: 2016,
    raDeg: Float64Array.from(sky, ([ra]) => ra),
    decDeg: Float64Array.from(sky, ([, dec]) => dec),
    pmRaMasYr: new Float32Array(stars.length),
    pmDecMasYr: new Float32Array(stars.length),
    bands: [{ band: 'G', mag: gaiaMag, magErr: new Float32Array(stars.length).fill(0.01) }],
    isVariable: new Uint8Array(stars.length),
    ids: stars.map((_, k) => String(k)),
  };
  return selectReference(
    list,
    Array.from({ length: list.count }, (_, k) => k),
  );
}

function planeToSky(xi: number, eta: number, raDeg: number, decDeg: number): readonly [number, number] {
  const [x, y] = [(xi / 3600) * RADIAN, (eta / 3600) * RADIAN];
  const [sin0, cos0] = [Math.sin(decDeg * RADIAN), Math.cos(decDeg * RADIAN)];
  const down = cos0 - y * sin0;
  const ra = raDeg + Math.atan2(x, down) / RADIAN;
  return [((ra % 360) + 360) % 360, Math.atan2(sin0 + y * cos0, Math.hypot(x, down)) / RADIAN];
}
