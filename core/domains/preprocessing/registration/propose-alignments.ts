import type { StarPositions } from './find-nearest.ts';

/** A few stars of one list that may be a few stars of the other, in the same order. */
export interface Proposal {
  readonly science: readonly number[];
  readonly template: readonly number[];
  readonly isFlipped: boolean;
  /** Distance of the two shapes' codes: the smaller, the likelier. */
  readonly distance: number;
}

/** Limits of a search for like shapes. */
export interface ProposalLimits {
  /** Least and greatest template pixels a science pixel. */
  readonly scaleRange: readonly [number, number];
  /** Most proposals given back, the likeliest first. */
  readonly maxProposals: number;
}

/** A figure of stars and what of it does not change with shift, rotation and scale. */
interface Figure {
  readonly stars: readonly number[];
  readonly code: readonly number[];
  readonly sizePx: number;
  /** Sense of a triangle's vertices; quads carry it in their code. */
  readonly isClockwise: boolean;
}

/** Each star with its nearest ones gives the quads of all choices of three among them. */
const NEIGHBOURS = 6;
const QUAD_TOLERANCE = 0.03;
const TRIANGLE_TOLERANCE = 0.006;
/** Triangles thinner than this give no useful rotation; likelier than it to be isosceles, no order of vertices. */
const LEAST_SIDE_RATIO = 0.15;
const LEAST_SIDE_DIFFERENCE = 0.01;
/** Figures smaller than this are blends, or too small to point far. */
const LEAST_SIZE_PX = 8;

/**
 * Propose alignments from figures of four neighbouring stars.
 *
 * The two stars farthest apart, A and B, are set at 0 and 1 of the complex plane; the places of the other two are
 * the code: four numbers, so that chance likeness is rare even among thousands of figures. Local figures survive
 * distortion, and a small overlap.
 *
 * @see Lang et al. 2010, AJ 139, 1782, section 2.1
 */
export function proposeByQuads(
  science: StarPositions,
  template: StarPositions,
  limits: ProposalLimits,
): Proposal[] {
  const templateQuads = makeQuads(template, false);
  return [false, true]
    .flatMap((isFlipped) =>
      matchFigures(makeQuads(science, isFlipped), templateQuads, QUAD_TOLERANCE, limits, () => isFlipped),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limits.maxProposals);
}

/**
 * Propose alignments from every triangle of the brightest stars.
 *
 * Two numbers a figure: many chance likenesses, but none of the common stars' triangles is missed, so that a
 * handful of common stars among many others suffices.
 *
 * @see Groth 1986, AJ 91, 1244
 */
export function proposeByTriangles(
  science: StarPositions,
  template: StarPositions,
  limits: ProposalLimits,
): Proposal[] {
  return matchFigures(
    makeTriangles(science),
    makeTriangles(template),
    TRIANGLE_TOLERANCE,
    limits,
    (a, b) => a.isClockwise !== b.isClockwise,
  )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limits.maxProposals);
}

function makeQuads({ x, y }: StarPositions, isMirrored: boolean): Figure[] {
  const quads = new Map<string, Figure>();
  const n = x.length;
  for (let centre = 0; centre < n; centre++) {
    const nearest = Array.from({ length: n }, (_, k) => k)
      .filter((k) => k !== centre)
      .sort((a, b) => squareDistance(x, y, centre, a) - squareDistance(x, y, centre, b))
      .slice(0, NEIGHBOURS);
    for (let i = 0; i < nearest.length; i++)
      for (let j = i + 1; j < nearest.length; j++)
        for (let k = j + 1; k < nearest.length; k++) {
          const stars = [centre, nearest[i]!, nearest[j]!, nearest[k]!].sort((a, b) => a - b);
          const key = stars.join();
          if (quads.has(key)) continue;
          const quad = encodeQuad(x, y, stars, isMirrored);
          if (quad !== undefined) quads.set(key, quad);
        }
  }
  return [...quads.values()];
}

function encodeQuad(
  x: Float64Array,
  y: Float64Array,
  stars: readonly number[],
  isMirrored: boolean,
): Figure | undefined {
  let [a, b, longest] = [0, 0, -1];
  for (const i of stars)
    for (const j of stars) {
      const square = i < j ? squareDistance(x, y, i, j) : -1;
      if (square > longest) [a, b, longest] = [i, j, square];
    }
  const sizePx = Math.sqrt(longest);
  if (!(sizePx >= LEAST_SIZE_PX)) return undefined;
  const sign = isMirrored ? -1 : 1;
  const [abX, abY] = [x[b]! - x[a]!, sign * (y[b]! - y[a]!)];
  let inner = stars
    .filter((star) => star !== a && star !== b)
    .map((star) => {
      const [dx, dy] = [x[star]! - x[a]!, sign * (y[star]! - y[a]!)];
      // (star - A) / (B - A)
      return { star, re: (dx * abX + dy * abY) / longest, im: (dy * abX - dx * abY) / longest };
    });
  // A and B are interchangeable: the one nearer to the others is A.
  if (inner[0]!.re + inner[1]!.re > 1) {
    [a, b] = [b, a];
    inner = inner.map(({ star, re, im }) => ({ star, re: 1 - re, im: -im }));
  }
  inner.sort((first, second) => first.re - second.re);
  const [c, d] = inner as [(typeof inner)[0], (typeof inner)[0]];
  return {
    stars: [a, b, c.star, d.star],
    code: [c.re, c.im, d.re, d.im],
    sizePx,
    isClockwise: false,
  };
}

function makeTriangles({ x, y }: StarPositions): Figure[] {
  const triangles: Figure[] = [];
  for (let i = 0; i < x.length; i++)
    for (let j = i + 1; j < x.length; j++)
      for (let k = j + 1; k < x.length; k++) {
        const sides = [
          { opposite: i, length: Math.sqrt(squareDistance(x, y, j, k)) },
          { opposite: j, length: Math.sqrt(squareDistance(x, y, i, k)) },
          { opposite: k, length: Math.sqrt(squareDistance(x, y, i, j)) },
        ].sort((first, second) => second.length - first.length);
        const [long, middle, short] = sides.map((side) => side.length) as [number, number, number];
        const [middleRatio, shortRatio] = [middle / long, short / long];
        if (!(long >= LEAST_SIZE_PX) || shortRatio < LEAST_SIDE_RATIO) continue;
        if (1 - middleRatio < LEAST_SIDE_DIFFERENCE || middleRatio - shortRatio < LEAST_SIDE_DIFFERENCE)
          continue;
        const [a, b, c] = sides.map((side) => side.opposite) as [number, number, number];
        const turn = (x[b]! - x[a]!) * (y[c]! - y[a]!) - (y[b]! - y[a]!) * (x[c]! - x[a]!);
        triangles.push({
          stars: [a, b, c],
          code: [middleRatio, shortRatio],
          sizePx: long,
          isClockwise: turn < 0,
        });
      }
  return triangles;
}

/** Compare each figure with those whose first two numbers fall in the cells around its own. */
function matchFigures(
  science: readonly Figure[],
  template: readonly Figure[],
  tolerance: number,
  { scaleRange }: ProposalLimits,
  isFlipped: (science: Figure, template: Figure) => boolean,
): Proposal[] {
  const cellOf = (value: number): number => Math.floor(value / tolerance);
  // Codes lie within +-1: cells are numbered without collision.
  const columns = 4 * cellOf(1) + 8;
  const cells = new Map<number, Figure[]>();
  for (const figure of template) {
    const key = cellOf(figure.code[0]!) * columns + cellOf(figure.code[1]!);
    const members = cells.get(key);
    if (members === undefined) cells.set(key, [figure]);
    else members.push(figure);
  }
  const proposals: Proposal[] = [];
  for (const figure of science) {
    const at = cellOf(figure.code[0]!) * columns + cellOf(figure.code[1]!);
    for (let row = -1; row <= 1; row++)
      for (let column = -1; column <= 1; column++)
        for (const other of cells.get(at + row * columns + column) ?? []) {
          let square = 0;
          for (let m = 0; m < figure.code.length; m++) square += (figure.code[m]! - other.code[m]!) ** 2;
          if (square > tolerance * tolerance) continue;
          const scale = other.sizePx / figure.sizePx;
          if (scale < scaleRange[0] || scale > scaleRange[1]) continue;
          proposals.push({
            science: figure.stars,
            template: other.stars,
            isFlipped: isFlipped(figure, other),
            distance: Math.sqrt(square),
          });
        }
  }
  return proposals;
}

function squareDistance(x: Float64Array, y: Float64Array, a: number, b: number): number {
  return (x[a]! - x[b]!) ** 2 + (y[a]! - y[b]!) ** 2;
}
