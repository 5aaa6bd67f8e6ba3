import type { Source } from '../../preprocessing/index.ts';
import { CODE_CELLS, codeCell, isOpen, type QuadIndex } from './build-quad-index.ts';
import { chooseStars } from './choose-stars.ts';
import { encodeQuad } from './encode-quad.ts';
import { deprojectTangent, projectTangent } from './project-tangent.ts';
import type { FieldHint } from './solve-field.ts';

/** A place on the sky that figures of an image speak for. */
export interface FieldProposal {
  readonly hint: FieldHint;
  /** Figures that agree. */
  readonly votes: number;
}

/** Greatest distance of two codes that are the same figure: distortion and noise of positions. */
const CODE_TOLERANCE = 0.012;
/** Stars of the image whose figures are looked up: so many of the brightest of each ninth of it. */
const STARS_PER_NINTH = 4;
/** Figures smaller than this part of the image's side point nowhere. */
const LEAST_SIZE = 0.06;
/** Votes agree within this part of the field, and this ratio of scales. */
const AGREE_FIELD = 0.04;
const AGREE_SCALE = 1.04;

/**
 * Look an image's figures up in an index and give the places they vote for, those with most votes first.
 *
 * A wrong figure points anywhere; right ones point to the same place and scale.
 *
 * @param scaleArcsec sizes of a pixel to believe; default all.
 * @param most how many places to give.
 */
export function proposeFields(
  index: QuadIndex,
  sources: readonly Source[],
  size: { readonly widthPx: number; readonly heightPx: number },
  scaleArcsec: readonly [number, number] = [0.01, 1000],
  most = 60,
): readonly FieldProposal[] {
  const chosen = chooseSpread(sources, size);
  const x = Float64Array.from(chosen, (k) => sources[k]!.xPx);
  const y = Float64Array.from(chosen, (k) => sources[k]!.yPx);
  const starts = startsOfCells(index);
  const ballots = new Map<string, { sum: Vote; votes: number }>();
  const leastPx = LEAST_SIZE * Math.max(size.widthPx, size.heightPx);
  const cast = (vote: Vote): void => {
    const key = keyOf(vote, size);
    const known = ballots.get(key);
    if (known === undefined) ballots.set(key, { sum: vote, votes: 1 });
    else known.votes++;
  };
  for (let a = 0; a < chosen.length; a++)
    for (let b = a + 1; b < chosen.length; b++)
      for (let c = b + 1; c < chosen.length; c++)
        for (let d = c + 1; d < chosen.length; d++)
          for (const isMirrored of [false, true]) {
            const quad = encodeQuad(x, y, [a, b, c, d], isMirrored);
            if (quad === undefined || quad.size < leastPx || !isOpen(quad.code)) break;
            const low = Math.max(index.rangeArcsec[0], quad.size * scaleArcsec[0]);
            const high = Math.min(index.rangeArcsec[1], quad.size * scaleArcsec[1]);
            if (low > high) break;
            lookUp(index, starts, quad.code, (found) => {
              const arcsec = index.sizesArcsec[found]!;
              if (arcsec < low || arcsec > high) return;
              cast(pointTo(index, found, x, y, quad.stars, isMirrored, size));
            });
          }
  return [...ballots.values()]
    .sort((p, q) => q.votes - p.votes)
    .slice(0, most)
    .map(({ sum, votes }) => ({
      votes,
      hint: {
        raDeg: sum.raDeg,
        decDeg: sum.decDeg,
        radiusDeg: (0.08 * Math.hypot(size.widthPx, size.heightPx) * sum.scaleArcsec) / 3600,
        scaleArcsec: [sum.scaleArcsec / 1.05, sum.scaleArcsec * 1.05],
      },
    }));
}

interface Vote {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly scaleArcsec: number;
}

/** The brightest of each ninth of the image: an index has its share of every part of the sky, too. */
function chooseSpread(
  sources: readonly Source[],
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): number[] {
  const taken = new Array<number>(9).fill(0);
  return chooseStars(sources).filter((k) => {
    const column = Math.min(2, Math.max(0, Math.floor((3 * sources[k]!.xPx) / widthPx)));
    const row = Math.min(2, Math.max(0, Math.floor((3 * sources[k]!.yPx) / heightPx)));
    return taken[3 * row + column]!++ < STARS_PER_NINTH;
  });
}

function startsOfCells({ codes, sizesArcsec }: QuadIndex): Int32Array {
  const starts = new Int32Array(CODE_CELLS ** 3 + 1);
  for (let k = 0; k < sizesArcsec.length; k++)
    starts[codeCell(codes[4 * k]!, codes[4 * k + 1]!, codes[4 * k + 2]!) + 1]! += 1;
  for (let cell = 0; cell < CODE_CELLS ** 3; cell++) starts[cell + 1]! += starts[cell]!;
  return starts;
}

function lookUp(
  { codes }: QuadIndex,
  starts: Int32Array,
  [cRe, cIm, dRe, dIm]: readonly [number, number, number, number],
  found: (quad: number) => void,
): void {
  const cells = new Set<number>();
  for (const i of [-CODE_TOLERANCE, CODE_TOLERANCE])
    for (const j of [-CODE_TOLERANCE, CODE_TOLERANCE])
      for (const k of [-CODE_TOLERANCE, CODE_TOLERANCE]) cells.add(codeCell(cRe + i, cIm + j, dRe + k));
  for (const cell of cells)
    for (let k = starts[cell]!; k < starts[cell + 1]!; k++) {
      const square =
        (codes[4 * k]! - cRe) ** 2 +
        (codes[4 * k + 1]! - cIm) ** 2 +
        (codes[4 * k + 2]! - dRe) ** 2 +
        (codes[4 * k + 3]! - dIm) ** 2;
      if (square <= CODE_TOLERANCE ** 2) found(k);
    }
}

/** Where the middle of the image lies if the figure is right: by the similarity of A and B. */
function pointTo(
  { raDeg, decDeg, stars }: QuadIndex,
  found: number,
  x: Float64Array,
  y: Float64Array,
  [a, b]: readonly [number, number, number, number],
  isMirrored: boolean,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Vote {
  const [starA, starB] = [stars[4 * found]!, stars[4 * found + 1]!];
  const frame = { raDeg: raDeg[starA]!, decDeg: decDeg[starA]!, unitArcsec: 1 };
  const plane = projectTangent(Float64Array.of(raDeg[starB]!), Float64Array.of(decDeg[starB]!), frame);
  // The index looks at the sky with x against right ascension.
  const [skyX, skyY] = [-plane.x[0]!, plane.y[0]!];
  const flip = isMirrored ? -1 : 1;
  const [dx, dy] = [x[b]! - x[a]!, flip * (y[b]! - y[a]!)];
  const square = dx * dx + dy * dy;
  const p = (dx * skyX + dy * skyY) / square;
  const q = (dx * skyY - dy * skyX) / square;
  const [u, v] = [(widthPx - 1) / 2 - x[a]!, flip * ((heightPx - 1) / 2 - y[a]!)];
  return { ...deprojectTangent(-(p * u - q * v), q * u + p * v, frame), scaleArcsec: Math.hypot(p, q) };
}

/** Votes of one place and scale, to the steps that agree. */
function keyOf(
  { raDeg, decDeg, scaleArcsec }: Vote,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): string {
  const scale = Math.round(Math.log(scaleArcsec) / Math.log(AGREE_SCALE));
  const stepDeg = (2 * AGREE_FIELD * Math.max(widthPx, heightPx) * AGREE_SCALE ** scale) / 3600;
  const [ra, dec] = [(raDeg * Math.PI) / 180, (decDeg * Math.PI) / 180];
  const step = (stepDeg * Math.PI) / 180;
  const at = [Math.cos(dec) * Math.cos(ra), Math.cos(dec) * Math.sin(ra), Math.sin(dec)].map((value) =>
    Math.round(value / step),
  );
  return `${scale} ${at.join(' ')}`;
}
