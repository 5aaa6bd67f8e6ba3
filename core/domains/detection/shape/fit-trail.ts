import type { Difference } from '../../differencing/index.ts';
import type { ShapeConfig } from './config.ts';
import { type Minimum, type ModelState, minimiseChi2 } from './minimise-chi2.ts';
import { type PixelsToFit, subtractColumns, takePixels, weigh } from './pixels-to-fit.ts';
import { makePsfBrush, type PsfBrush, slopesOf } from './psf-brush.ts';

/** A source that moved while the shutter was open: the PSF drawn along a straight line of even brightness. */
export interface TrailFit {
  /** Middle of the line, zero-based pixels. */
  readonly xPx: number;
  readonly yPx: number;
  readonly lengthPx: number;
  readonly lengthErrPx: number;
  /** From +x towards +y, -pi/2 to pi/2: a trail has no sense. */
  readonly angleRad: number;
  readonly angleErrRad: number;
  readonly fluxE: number;
  readonly fluxErrE: number;
  /** Square root of what the length takes off chi^2: how little it looks like a point. */
  readonly significance: number;
  /** Chi^2 per degree of freedom. */
  readonly chi2: number;
}

/** Points along a trail are this far apart at most, FWHM: closer than the eye of any PSF. */
const POINT_SPACING_FWHM = 0.35;
const FEWEST_PIXELS = 20;
/** Lengths, FWHM, and number of angles from which the search may start. */
const START_LENGTHS = [1, 3];
const START_ANGLES = 6;

/**
 * Fit a trail to what is left on a difference: place, length, angle and flux.
 *
 * @param point where it was detected; a trail several FWHM long may be detected anywhere along it.
 * @returns `undefined` where too few pixels can be used or no trail fits; the length may be consistent with none.
 */
export function fitTrail(
  difference: Difference,
  point: { readonly xPx: number; readonly yPx: number; readonly fluxE: number },
  config: ShapeConfig,
): TrailFit | undefined {
  const { psf } = difference;
  const image = { plane: difference.difference, variance: difference.variance, mask: difference.mask };
  const fwhmPx = psf.fwhmPx;
  const middle = { xPx: Math.round(point.xPx), yPx: Math.round(point.yPx) };
  const start = findStart(image, middle, point, makeBrush(1 + START_LENGTHS.at(-1)!), fwhmPx, config);
  if (!start) return undefined;
  // The second round has its pixels around the trail that the first one found.
  let [dx, dy, length, angle, flux] = start;
  let found: { readonly trail: Minimum; readonly point: number; readonly pixels: number } | undefined;
  for (let round = 0; round < 2; round++) {
    const brush = makeBrush(length! / fwhmPx + 1);
    const radius = (brush.side - 1) / 2;
    const pixels = takePixels(image, middle, radius, (x, y) =>
      isNearTrail(x - dx!, y - dy!, length!, angle!, config.radiusFwhm * fwhmPx),
    );
    if (pixels.at.length < FEWEST_PIXELS) return undefined;
    const reach = config.maxTrailFwhm * fwhmPx;
    const trail = minimiseChi2(
      (p) => evaluateTrail(p, pixels, brush, fwhmPx, reach),
      Float64Array.of(dx!, dy!, length!, angle!, flux!),
    );
    const single = minimiseChi2(
      (p) => evaluatePoint(p, pixels, brush),
      Float64Array.of(point.xPx - middle.xPx, point.yPx - middle.yPx, point.fluxE),
    );
    if (!trail) return undefined;
    found = { trail, point: single?.chi2 ?? Number.NaN, pixels: pixels.at.length };
    [dx, dy, length, angle, flux] = trail.parameters as unknown as [number, number, number, number, number];
  }
  return describeTrail(found!, middle);

  function makeBrush(lengthFwhm: number): PsfBrush {
    const radius = Math.ceil((config.radiusFwhm + lengthFwhm / 2 + 1) * fwhmPx);
    return makePsfBrush(psf, point.xPx, point.yPx, radius);
  }
}

function describeTrail(
  { trail, point, pixels }: { readonly trail: Minimum; readonly point: number; readonly pixels: number },
  middle: { readonly xPx: number; readonly yPx: number },
): TrailFit {
  const [dx, dy, length, angle, flux] = trail.parameters as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  const errorOf = (k: number): number => Math.sqrt(trail.covariance[6 * k]!);
  return {
    xPx: middle.xPx + dx,
    yPx: middle.yPx + dy,
    lengthPx: Math.abs(length),
    lengthErrPx: errorOf(2),
    angleRad: angle - Math.PI * Math.round(angle / Math.PI),
    angleErrRad: Math.min(Math.PI / 2, errorOf(3)),
    fluxE: flux,
    fluxErrE: errorOf(4),
    significance: Number.isFinite(point) ? Math.sqrt(Math.max(0, point - trail.chi2)) : 0,
    chi2: trail.chi2 / Math.max(1, pixels - 5),
  };
}

/** A trail of unit flux as drawn, and the same with each piece times its place along the line, -0.5 to 0.5. */
interface DrawnTrail {
  readonly light: Float64Array;
  readonly moment: Float64Array;
}

/**
 * Draw a trail of unit flux as evenly spaced points, each for the piece of the line around it.
 *
 * They are spread a little so that their second moment is the line's, length^2 / 12, however few they are.
 */
function drawTrail(
  brush: PsfBrush,
  fwhmPx: number,
  dx: number,
  dy: number,
  length: number,
  angle: number,
): DrawnTrail {
  const light = new Float64Array(brush.side * brush.side);
  const moment = new Float64Array(brush.side * brush.side);
  const pieces = Math.max(3, Math.ceil(Math.abs(length) / (POINT_SPACING_FWHM * fwhmPx)));
  const spread = 1 / Math.sqrt(1 - 1 / pieces ** 2);
  const [x, y] = [length * Math.cos(angle), length * Math.sin(angle)];
  for (let k = 0; k < pieces; k++) {
    const along = spread * ((k + 0.5) / pieces - 0.5);
    brush.add(dx + along * x, dy + along * y, [light, 1 / pieces], [moment, along / pieces]);
  }
  return { light, moment };
}

type Start = [dx: number, dy: number, length: number, angle: number, flux: number];

/** Try lengths and angles through the point, and take the best; a trail goes on to either side of where it was detected. */
function findStart(
  image: Parameters<typeof takePixels>[0],
  middle: { readonly xPx: number; readonly yPx: number },
  point: { readonly xPx: number; readonly yPx: number },
  brush: PsfBrush,
  fwhmPx: number,
  config: ShapeConfig,
): Start | undefined {
  const radius = (brush.side - 1) / 2;
  const reach = (config.radiusFwhm + START_LENGTHS.at(-1)! / 2) * fwhmPx;
  const pixels = takePixels(image, middle, radius, (x, y) => x * x + y * y <= reach * reach);
  let best: { readonly gain: number; readonly start: Start } | undefined;
  for (const lengthFwhm of START_LENGTHS) {
    for (let turn = 0; turn < START_ANGLES; turn++) {
      const angle = (Math.PI * turn) / START_ANGLES - Math.PI / 2;
      const length = lengthFwhm * fwhmPx;
      for (const side of lengthFwhm > 1 ? [-0.3, 0, 0.3] : [0]) {
        const dx = point.xPx - middle.xPx + side * length * Math.cos(angle);
        const dy = point.yPx - middle.yPx + side * length * Math.sin(angle);
        const drawn = drawTrail(brush, fwhmPx, dx, dy, length, angle).light;
        let above = 0;
        let below = 0;
        for (let k = 0; k < pixels.at.length; k++) {
          const m = drawn[pixels.at[k]!]! * pixels.weight[k]!;
          above += m * pixels.data[k]!;
          below += m * m;
        }
        const gain = above ** 2 / below;
        if (gain > (best?.gain ?? 0)) best = { gain, start: [dx, dy, length, angle, above / below] };
      }
    }
  }
  return best?.start;
}

/** Tell whether a pixel is within a distance of the line. */
function isNearTrail(dx: number, dy: number, length: number, angle: number, reach: number): boolean {
  const along = dx * Math.cos(angle) + dy * Math.sin(angle);
  const across = dy * Math.cos(angle) - dx * Math.sin(angle);
  const beyond = Math.max(0, Math.abs(along) - Math.abs(length) / 2);
  return beyond * beyond + across * across <= reach * reach;
}

function evaluateTrail(
  [dx, dy, length, angle, flux]: Float64Array,
  pixels: PixelsToFit,
  brush: PsfBrush,
  fwhmPx: number,
  longest: number,
): ModelState | undefined {
  if (Math.abs(length!) > longest || Math.hypot(dx!, dy!) > longest) return undefined;
  const { light, moment } = drawTrail(brush, fwhmPx, dx!, dy!, length!, angle!);
  const slopes = slopesOf(light, brush.side);
  // A piece moves by its place along the line times what the line's end moves.
  const turns = slopesOf(moment, brush.side);
  const [cosine, sine] = [Math.cos(angle!), Math.sin(angle!)];
  const along = weigh(pixels, turns.x, flux);
  const across = weigh(pixels, turns.y, flux);
  const own = weigh(pixels, light);
  return {
    residuals: subtractColumns(pixels.data, [[own, flux!]]),
    slopes: [
      weigh(pixels, slopes.x, flux),
      weigh(pixels, slopes.y, flux),
      along.map((value, n) => cosine * value + sine * across[n]!),
      along.map((value, n) => length! * (cosine * across[n]! - sine * value)),
      own,
    ],
  };
}

function evaluatePoint(
  [dx, dy, flux]: Float64Array,
  pixels: PixelsToFit,
  brush: PsfBrush,
): ModelState | undefined {
  if (Math.hypot(dx!, dy!) > (brush.side - 1) / 2) return undefined;
  const drawn = new Float64Array(brush.side * brush.side);
  brush.add(dx!, dy!, [drawn, 1]);
  const slopes = slopesOf(drawn, brush.side);
  const own = weigh(pixels, drawn);
  return {
    residuals: subtractColumns(pixels.data, [[own, flux!]]),
    slopes: [weigh(pixels, slopes.x, flux), weigh(pixels, slopes.y, flux), own],
  };
}
