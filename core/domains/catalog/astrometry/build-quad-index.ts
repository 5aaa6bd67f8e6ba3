import type { ReferenceStars } from '../model.ts';
import { brightnessOf } from '../select-reference.ts';
import { createTiling } from '../tile-sky.ts';
import { encodeQuad } from './encode-quad.ts';
import { projectTangent } from './project-tangent.ts';

/** Figures of four reference stars over the imported sky, sorted by their code: plain arrays, kept on disk. */
export interface QuadIndex {
  /** Stars that are part of a figure, degrees ICRS at the catalogue's epoch. */
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
  /** Four numbers a figure. */
  readonly codes: Float32Array;
  /** A, B, C, D of each figure. */
  readonly stars: Uint32Array;
  /** Distance from A to B, arcsec. */
  readonly sizesArcsec: Float32Array;
  /** Sizes that figures have, arcsec: the least and the greatest. */
  readonly rangeArcsec: readonly [number, number];
}

/** Middle sizes of the figures, arcmin: each band reaches from 1 / sqrt 2 to sqrt 2 of it. */
const BANDS_ARCMIN = [1.5, 3, 6, 12, 24, 48] as const;
/** Stars of one neighbourhood whose figures are made, the brightest; and figures kept of it. */
const STARS_PER_CELL = 9;
const QUADS_PER_CELL = 14;
/** Most figures of a band: more sky than that wants larger figures only. */
const MOST_QUADS = 3_000_000;
/** Inner stars nearer to each other or to A or B than this part of the size point nowhere. */
const LEAST_SEPARATION = 0.05;

/**
 * Build an index of figures over all the sky that a catalogue covers.
 *
 * In bands of size, the sky is cut into cells of about that size; the brightest stars around each cell make its
 * figures, so that every part of the sky has its share whatever its density. What a figure is like does not depend on
 * the scale, rotation or place of an image: an image's figures look up theirs.
 *
 * @see Lang et al. 2010, AJ 139, 1782, section 2.2
 */
export function buildQuadIndex(stars: ReferenceStars): QuadIndex {
  const mag = brightnessOf(stars);
  const codes: number[] = [];
  const members: number[] = [];
  const sizes: number[] = [];
  for (const arcmin of BANDS_ARCMIN) {
    const before = sizes.length;
    const isFull = !addBand(
      stars,
      mag,
      arcmin,
      (quad, size) => {
        codes.push(...quad.code);
        members.push(...quad.stars);
        sizes.push(size);
      },
      () => sizes.length - before < MOST_QUADS,
    );
    if (isFull) {
      codes.length = 4 * before;
      members.length = 4 * before;
      sizes.length = before;
    }
  }
  return sortIndex(stars, codes, members, sizes);
}

function addBand(
  stars: ReferenceStars,
  mag: Float32Array,
  arcmin: number,
  add: (quad: { code: readonly number[]; stars: readonly number[] }, sizeArcsec: number) => void,
  hasRoom: () => boolean,
): boolean {
  // A number of zones that divides the sphere evenly.
  const cellDeg = 180 / Math.ceil(180 / ((0.8 * arcmin) / 60));
  const tiling = createTiling(cellDeg);
  const cells = new Map<number, number[]>();
  for (let k = 0; k < stars.count; k++) {
    const tile = tiling.tileOf(stars.raDeg[k]!, stars.decDeg[k]!);
    const members = cells.get(tile);
    if (members === undefined) cells.set(tile, [k]);
    else members.push(k);
  }
  for (const members of cells.values()) {
    members.sort((a, b) => mag[a]! - mag[b]!);
    members.length = Math.min(members.length, STARS_PER_CELL);
  }
  const seen = new Set<string>();
  const reach = (0.85 * arcmin * 60) as number;
  for (const members of cells.values()) {
    if (!hasRoom()) return false;
    // Around the cell's brightest star: a place that an image of the same stars has too.
    const centre = members[0]!;
    const frame = { raDeg: stars.raDeg[centre]!, decDeg: stars.decDeg[centre]!, unitArcsec: 1 };
    const near = tiling
      .tilesOfCone({ raDeg: frame.raDeg, decDeg: frame.decDeg, radiusDeg: reach / 3600 })
      .flatMap(([first, last]) => {
        const found: number[] = [];
        for (let tile = first; tile <= last; tile++) found.push(...(cells.get(tile) ?? []));
        return found;
      })
      .sort((a, b) => mag[a]! - mag[b]!);
    const all = projectTangent(
      Float64Array.from(near, (k) => stars.raDeg[k]!),
      Float64Array.from(near, (k) => stars.decDeg[k]!),
      frame,
    );
    const chosen = near
      .flatMap((_, k) => (Math.hypot(all.x[k]!, all.y[k]!) <= reach ? [k] : []))
      .slice(0, STARS_PER_CELL);
    let kept = 0;
    for (const points of brightestQuads(chosen.length)) {
      if (kept >= QUADS_PER_CELL) break;
      const own = points.map((k) => chosen[k]!) as unknown as readonly [number, number, number, number];
      // As on the sky seen from inside: x against right ascension.
      const quad = encodeQuad(all.x, all.y, own, true);
      if (
        quad === undefined ||
        quad.size < (60 * arcmin) / Math.SQRT2 ||
        quad.size >= 60 * arcmin * Math.SQRT2
      )
        continue;
      if (!isOpen(quad.code)) continue;
      const named = quad.stars.map((k) => near[k]!);
      const key = named.toSorted((a, b) => a - b).join();
      if (seen.has(key)) continue;
      seen.add(key);
      add({ code: quad.code, stars: named }, quad.size);
      kept++;
    }
  }
  return true;
}

const orders = new Map<number, readonly (readonly number[])[]>();

/** All fours of so many stars in order of brightness, the brightest fours first. */
function brightestQuads(count: number): readonly (readonly number[])[] {
  const known = orders.get(count);
  if (known !== undefined) return known;
  const quads: number[][] = [];
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++)
      for (let c = b + 1; c < count; c++) for (let d = c + 1; d < count; d++) quads.push([a, b, c, d]);
  quads.sort((p, q) => p.reduce((sum, k) => sum + k, 0) - q.reduce((sum, k) => sum + k, 0));
  orders.set(count, quads);
  return quads;
}

/** Whether the inner stars are apart from each other and from the outer ones. */
export function isOpen([cRe, cIm, dRe, dIm]: readonly [number, number, number, number]): boolean {
  const least = LEAST_SEPARATION;
  return (
    Math.hypot(cRe - dRe, cIm - dIm) > least &&
    Math.hypot(cRe, cIm) > least &&
    Math.hypot(cRe - 1, cIm) > least &&
    Math.hypot(dRe, dIm) > least &&
    Math.hypot(dRe - 1, dIm) > least
  );
}

/** Side of a cell of code space, and cells along each of its first three numbers. */
const CODE_CELL = 0.02;
const CODE_LOW = -1.05;
export const CODE_CELLS = 106;

/** Number the cell of a code by its first three numbers. */
export function codeCell(cRe: number, cIm: number, dRe: number): number {
  const at = (value: number): number =>
    Math.min(CODE_CELLS - 1, Math.max(0, Math.floor((value - CODE_LOW) / CODE_CELL)));
  return (at(cRe) * CODE_CELLS + at(cIm)) * CODE_CELLS + at(dRe);
}

function sortIndex(
  stars: ReferenceStars,
  codes: readonly number[],
  members: readonly number[],
  sizes: readonly number[],
): QuadIndex {
  const cells = Int32Array.from(sizes, (_, k) =>
    codeCell(codes[4 * k]!, codes[4 * k + 1]!, codes[4 * k + 2]!),
  );
  const order = Uint32Array.from(sizes.keys()).sort((a, b) => cells[a]! - cells[b]! || a - b);
  const used = [...new Set(members)].sort((a, b) => a - b);
  const place = new Map(used.map((star, k) => [star, k]));
  const four = <T>(make: (k: number) => T): T[] =>
    Array.from(order).flatMap((k) => [0, 1, 2, 3].map((m) => make(4 * k + m)));
  return {
    raDeg: Float64Array.from(used, (k) => stars.raDeg[k]!),
    decDeg: Float64Array.from(used, (k) => stars.decDeg[k]!),
    codes: Float32Array.from(four((at) => codes[at]!)),
    stars: Uint32Array.from(four((at) => place.get(members[at]!)!)),
    sizesArcsec: Float32Array.from(order, (k) => sizes[k]!),
    rangeArcsec:
      sizes.length === 0
        ? [0, 0]
        : [sizes.reduce((a, b) => Math.min(a, b)), sizes.reduce((a, b) => Math.max(a, b))],
  };
}
