import type { Random } from '../../../utils/random.ts';
import type { Artefact } from './model.ts';
import type { ElectronImage } from './render-source.ts';

/** Says whether a pixel must be kept clear of artefacts. */
export type KeepClear = (xPx: number, yPx: number) => boolean;

/** Let charge over the full well flow along its column: half up, half down, `fraction` of it. */
export function bleedCharge(image: ElectronImage, fullWellE: number, fraction: number): void {
  const { width, height, data } = image;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      if (data[y * width + x]! <= fullWellE) continue;
      let last = y;
      let excess = 0;
      for (; last < height && data[last * width + x]! > fullWellE; last++) {
        excess += data[last * width + x]! - fullWellE;
        data[last * width + x] = fullWellE;
      }
      spill(image, x, y - 1, -1, (excess * fraction) / 2, fullWellE);
      spill(image, x, last, 1, (excess * fraction) / 2, fullWellE);
      y = last;
    }
  }
}

function spill(
  image: ElectronImage,
  x: number,
  yFirst: number,
  step: 1 | -1,
  charge: number,
  fullWellE: number,
): void {
  let left = charge;
  for (let y = yFirst; left > 0 && y >= 0 && y < image.height; y += step) {
    const i = y * image.width + x;
    const room = fullWellE - image.data[i]!;
    if (room <= 0) continue;
    const poured = Math.min(room, left);
    image.data[i] += poured;
    left -= poured;
  }
}

/** Strike the detector with cosmic rays: straight tracks of deposited charge that no optics has blurred. */
export function addCosmicRays(
  image: ElectronImage,
  count: number,
  random: Random,
  keepClear: KeepClear,
): readonly Artefact[] {
  const hits: Artefact[] = [];
  for (let n = 0; n < count; n++) {
    const x0 = random.uniform() * image.width;
    const y0 = random.uniform() * image.height;
    const angle = 2 * Math.PI * random.uniform();
    // Most come from above and leave a point; a few graze and leave a worm.
    const length = Math.min(40, 1.2 / Math.tan(Math.asin(Math.sqrt(random.uniform())) + 0.02));
    const perPixel = 600 * Math.exp(1.1 * random.normal());
    if (keepClear(x0, y0) || keepClear(x0 + length * Math.cos(angle), y0 + length * Math.sin(angle)))
      continue;
    const pieces = Math.max(4, Math.ceil(4 * length));
    for (let k = 0; k < pieces; k++) {
      const t = (k / pieces) * length;
      deposit(
        image,
        x0 + t * Math.cos(angle) + 0.15 * random.normal(),
        y0 + t * Math.sin(angle) + 0.15 * random.normal(),
        (perPixel * Math.max(1, length)) / pieces,
      );
    }
    hits.push({
      kind: 'cosmic-ray',
      xPx: x0 + 0.5 * length * Math.cos(angle),
      yPx: y0 + 0.5 * length * Math.sin(angle),
    });
  }
  return hits;
}

function deposit(image: ElectronImage, x: number, y: number, charge: number): void {
  const column = Math.round(x);
  const row = Math.round(y);
  if (column < 0 || row < 0 || column >= image.width || row >= image.height) return;
  image.data[row * image.width + column] += charge;
}

/** Add pixels with a large dark current. */
export function addHotPixels(
  image: ElectronImage,
  count: number,
  random: Random,
  keepClear: KeepClear,
): readonly Artefact[] {
  const hot: Artefact[] = [];
  for (let n = 0; n < count; n++) {
    const xPx = random.integer(image.width);
    const yPx = random.integer(image.height);
    const charge = 400 * Math.exp(1.2 * random.normal());
    if (keepClear(xPx, yPx)) continue;
    image.data[yPx * image.width + xPx] += charge;
    hot.push({ kind: 'hot-pixel', xPx, yPx });
  }
  return hot;
}

/** A column that does not work between two rows: dead (reads zero) or leaking charge. */
export interface BadColumn {
  readonly xPx: number;
  readonly yFirst: number;
  readonly yLast: number;
  /** Added charge, e-; -Infinity for dead. */
  readonly chargeE: number;
}

/** Choose bad columns: the first is dead, others may leak. */
export function drawBadColumns(count: number, sizePx: number, random: Random): readonly BadColumn[] {
  return Array.from({ length: count }, (_, n) => ({
    xPx: random.integer(sizePx),
    yFirst: random.integer(Math.floor(sizePx / 2)),
    yLast: sizePx - 1,
    chargeE: n % 2 === 0 ? Number.NEGATIVE_INFINITY : 150 + 250 * random.uniform(),
  }));
}

/** Spoil the columns; a dead pixel holds NaN until it is read out as zero. */
export function addBadColumns(image: ElectronImage, columns: readonly BadColumn[]): readonly Artefact[] {
  for (const column of columns) {
    for (let y = column.yFirst; y <= column.yLast; y++) {
      const i = y * image.width + column.xPx;
      if (Number.isFinite(column.chargeE)) image.data[i] += column.chargeE;
      else image.data[i] = Number.NaN;
    }
  }
  return columns.map((column) => ({
    kind: 'bad-column',
    xPx: column.xPx,
    yPx: (column.yFirst + column.yLast) / 2,
  }));
}

/** A satellite's track through the field: a line y cos - x sin = offset, e- per px of length. */
export interface SatelliteTrail {
  readonly angleRad: number;
  readonly offsetPx: number;
  readonly brightnessE: number;
}

/** Choose tracks that cross the middle half of the field. */
export function drawSatelliteTrails(
  count: number,
  sizePx: number,
  random: Random,
): readonly SatelliteTrail[] {
  return Array.from({ length: count }, () => {
    const angleRad = Math.PI * random.uniform();
    const x = sizePx * (0.25 + 0.5 * random.uniform());
    const y = sizePx * (0.25 + 0.5 * random.uniform());
    return {
      angleRad,
      offsetPx: y * Math.cos(angleRad) - x * Math.sin(angleRad),
      brightnessE: 400 * Math.exp(0.8 * random.normal()),
    };
  });
}

/** Distance of a pixel from a track, px. */
export function distanceToTrail(trail: SatelliteTrail, xPx: number, yPx: number): number {
  return Math.abs(yPx * Math.cos(trail.angleRad) - xPx * Math.sin(trail.angleRad) - trail.offsetPx);
}

/** Draw the tracks: their cross-section is the seeing's (a Moffat's line integral). */
export function addSatelliteTrails(
  image: ElectronImage,
  trails: readonly SatelliteTrail[],
  fwhmPx: number,
  beta: number,
): readonly Artefact[] {
  const alpha = fwhmPx / (2 * Math.sqrt(2 ** (1 / beta) - 1));
  const reach = Math.ceil(8 * fwhmPx);
  const profile = Float64Array.from({ length: 8 * reach + 1 }, (_, i) => {
    const r = i / 8 / alpha;
    return (1 + r * r) ** (0.5 - beta);
  });
  // Line profile sampled every 1/8 px, both sides: its integral over the distance is one.
  const total = (2 * profile.reduce((sum, value) => sum + value, 0) - profile[0]!) / 8;
  const found: Artefact[] = [];
  for (const trail of trails) {
    for (let y = 0; y < image.height; y++) {
      for (let x = 0; x < image.width; x++) {
        const distance = distanceToTrail(trail, x, y);
        if (distance >= reach) continue;
        image.data[y * image.width + x] += (trail.brightnessE * profile[Math.round(8 * distance)]!) / total;
        if (x % 32 === 0 && distance < 0.5) found.push({ kind: 'satellite-trail', xPx: x, yPx: y });
      }
    }
  }
  return found;
}
