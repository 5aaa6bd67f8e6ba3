import { type MaskedImage, UNUSABLE } from '../../observations/index.ts';
import type { Source } from '../../preprocessing/index.ts';
import type { PsfConfig } from '../config.ts';
import { median } from '../robust-statistics.ts';

/** Source Extractor's bits that spoil a star for the profile: saturated, truncated, aperture incomplete. */
const SPOILED = 4 | 8 | 16;
/** Cells per side among which the stars are spread. */
const CELLS = 4;

/** With fewer stars than this, fainter ones are better than none. */
const TOO_FEW = 5;

/**
 * Choose the sources that look like single unsaturated stars, best of each corner first.
 *
 * Stars are the tightest crowd in size: the densest half-light radius of bright sources is theirs, however many
 * galaxies (scattered, larger) and cosmic rays (smaller) there are. Blended stars stay eligible,
 * because neighbours are subtracted later, but isolated ones come first.
 *
 * @returns indices into `sources`; may be empty.
 */
export function selectPsfStars(
  image: MaskedImage,
  sources: readonly Source[],
  config: PsfConfig,
): readonly number[] {
  const { width, height } = image.science;
  let stellar: readonly number[] = [];
  // Among faint sources galaxies are the larger crowd: look there only if there is nothing brighter.
  for (const relax of [1, 2, 4]) {
    stellar = keepStellar(sources, findUsable(image, sources, config.minSnr / relax));
    if (stellar.length >= TOO_FEW) break;
  }
  const contamination = measureContamination(sources, stellar);
  const quality = new Map(
    stellar.map((k, i) => [k, Math.min(sources[k].snr, 300) / (1 + 5 * contamination[i])] as const),
  );
  return spreadOverCells(sources, stellar, quality, width, height);
}

function findUsable(image: MaskedImage, sources: readonly Source[], minSnr: number): readonly number[] {
  const { width, height } = image.science;
  const usable: number[] = [];
  sources.forEach((source, k) => {
    if (source.snr < minSnr || (source.flags & SPOILED) !== 0 || !(source.fluxE > 0)) return;
    const margin = Math.max(3, 1.5 * source.halfLightRadiusPx);
    if (source.xPx < margin || source.yPx < margin) return;
    if (source.xPx > width - 1 - margin || source.yPx > height - 1 - margin) return;
    if (source.halfLightRadiusPx > 0 && !hasMaskedCore(image, source)) usable.push(k);
  });
  return usable;
}

function hasMaskedCore(image: MaskedImage, source: Source): boolean {
  const { width, data } = image.mask;
  const radius = Math.max(1, Math.round(source.halfLightRadiusPx));
  const x0 = Math.round(source.xPx);
  const y0 = Math.round(source.yPx);
  for (let y = y0 - radius; y <= y0 + radius; y++) {
    for (let x = x0 - radius; x <= x0 + radius; x++) {
      if (x < 0 || y < 0 || x >= width || y >= image.mask.height) continue;
      if ((data[y * width + x] & UNUSABLE) !== 0) return true;
    }
  }
  return false;
}

/** Keep sources whose size and shape agree with the tightest crowd; with very few, keep them all. */
function keepStellar(sources: readonly Source[], usable: readonly number[]): readonly number[] {
  if (usable.length < 6) return usable;
  const sizes = usable.map((k) => Math.log(sources[k].halfLightRadiusPx));
  const mode = densestSize(
    sizes,
    usable.map((k) => Math.sqrt(Math.min(sources[k].snr, 400))),
  );
  const scatter = Math.max(0.04, 1.4826 * median(sizes.filter((s) => s < mode).map((s) => mode - s)) || 0);
  const allowed = Math.min(0.25, 2.5 * scatter);
  const bySize = usable.filter((_, i) => Math.abs(sizes[i] - mode) <= allowed);
  // Tracking errors lengthen every star alike: compare shapes with the crowd's own, not with a circle.
  const shapes = bySize.map((k) => ellipticity(sources[k]));
  const e1 = median(shapes.map((shape) => shape[0]));
  const e2 = median(shapes.map((shape) => shape[1]));
  const round = bySize.filter((_, i) => Math.hypot(shapes[i][0] - e1, shapes[i][1] - e2) < 0.2);
  return round.length >= 5 ? round : bySize;
}

function ellipticity(source: Source): readonly [number, number] {
  const e = source.aPx > 0 ? (source.aPx - source.bPx) / (source.aPx + source.bPx) : 0;
  return [e * Math.cos(2 * source.thetaRad), e * Math.sin(2 * source.thetaRad)];
}

/** Width of the kernel that finds the crowd, in ln(size): stars of one image scatter by a few percent. */
const KERNEL = 0.04;

/** Find where weighted values crowd most closely: the peak of their kernel density. */
function densestSize(values: readonly number[], weights: readonly number[]): number {
  let best = values[0];
  let highest = 0;
  for (const centre of values) {
    let density = 0;
    values.forEach((value, k) => {
      density += weights[k] * Math.exp(-0.5 * ((value - centre) / KERNEL) ** 2);
    });
    if (density > highest) {
      highest = density;
      best = centre;
    }
  }
  return best;
}

/** Light of neighbours within a few half-light radii, as a fraction of each star's own. */
function measureContamination(sources: readonly Source[], chosen: readonly number[]): readonly number[] {
  return chosen.map((k) => {
    const star = sources[k];
    const reach = 6 * star.halfLightRadiusPx;
    let light = 0;
    for (let j = 0; j < sources.length; j++) {
      if (j === k) continue;
      const dx = sources[j].xPx - star.xPx;
      const dy = sources[j].yPx - star.yPx;
      if (dx * dx + dy * dy >= reach * reach) continue;
      light += Math.max(0, sources[j].fluxE) * (1 - Math.hypot(dx, dy) / reach);
    }
    return light / star.fluxE;
  });
}

/** Take the best star of each cell in turn, so that no corner is without one. */
function spreadOverCells(
  sources: readonly Source[],
  chosen: readonly number[],
  quality: ReadonlyMap<number, number>,
  width: number,
  height: number,
): readonly number[] {
  const cells: number[][] = Array.from({ length: CELLS * CELLS }, () => []);
  for (const k of [...chosen].sort((a, b) => quality.get(b)! - quality.get(a)! || a - b)) {
    const column = Math.min(CELLS - 1, Math.floor((CELLS * sources[k].xPx) / width));
    const row = Math.min(CELLS - 1, Math.floor((CELLS * sources[k].yPx) / height));
    cells[row * CELLS + column].push(k);
  }
  const spread: number[] = [];
  for (let rank = 0; spread.length < chosen.length; rank++) {
    for (const cell of cells) if (rank < cell.length) spread.push(cell[rank]);
  }
  return spread;
}
