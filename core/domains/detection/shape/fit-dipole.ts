import type { TaskContext } from '../../../utils/index.ts';
import { boxAround, type MaskedImage, type Part, partOf, partOfPlane } from '../../observations/index.ts';
import type { DetectionInput } from '../model.ts';
import type { ShapeConfig } from './config.ts';
import { type Minimum, type ModelState, minimiseChi2 } from './minimise-chi2.ts';
import { type PixelsToFit, subtractColumns, takePixels, weigh } from './pixels-to-fit.ts';
import { propagateNoise } from './propagate-noise.ts';
import { makePsfBrush, type PsfBrush, slopesOf } from './psf-brush.ts';

/** A star that is at one place in the science image and at another in the template. */
export interface DipoleFit {
  /** Half-way between the lobes, zero-based pixels. */
  readonly xPx: number;
  readonly yPx: number;
  readonly separationPx: number;
  readonly separationErrPx: number;
  /** Direction from the negative to the positive lobe, from +x towards +y, -pi to pi. */
  readonly angleRad: number;
  /** Flux in the science image and in the template, both on the science scale, e-. */
  readonly positiveFluxE: number;
  readonly positiveFluxErrE: number;
  readonly negativeFluxE: number;
  readonly negativeFluxErrE: number;
  /** Square root of what the second lobe takes off the difference's chi^2, against a point source of one sign. */
  readonly significance: number;
  /** Chi^2 per pixel of the difference with the dipole. */
  readonly chi2: number;
  /** Both lobes are significant and alike, and a point source does worse. */
  readonly isDipole: boolean;
}

const FEWEST_PIXELS = 20;
/** The lobes of a dipole are no further from where it was detected, FWHM. */
const FARTHEST_FWHM = 1.5;

/** One image with its pixels, brush, and the lobes that it shows. */
interface Lobes {
  readonly pixels: PixelsToFit;
  readonly brush: PsfBrush;
  readonly showsPositive: boolean;
  readonly showsNegative: boolean;
  /** Of the negative lobe: -1 on the difference, +1 on the template. */
  readonly negativeSign: number;
}

/**
 * Fit a dipole to a difference and to both images that it came from, together.
 *
 * On a difference alone a wide separation of faint lobes looks like a narrow one of bright lobes once it is below the
 * PSF's width; the images before subtraction know the flux. Each image has a linear background of its own.
 *
 * The pixels of the three are not independent: the errors are those of a difference made of the pair pixel by pixel.
 *
 * @param point where it was detected; either lobe.
 * @returns `undefined` where too few pixels can be used or the fit does not settle.
 * @see Reiss 2016, DMTN-007 (joint dipole fit)
 */
export function fitDipole(
  input: DetectionInput,
  point: { readonly xPx: number; readonly yPx: number; readonly fluxE: number },
  config: ShapeConfig,
  context: TaskContext = {},
): DipoleFit | undefined {
  const middle = { xPx: Math.round(point.xPx), yPx: Math.round(point.yPx) };
  const parts = makeParts(input, middle, config, context);
  if (parts.some(({ pixels }) => pixels.at.length < FEWEST_PIXELS)) return undefined;
  const { sciencePsf, templatePsf, fluxRatio } = input.difference;
  const brightness = (plane: DetectionInput['science']['science'], peak: number): number => {
    const part = partOfPlane(plane, { x: middle.xPx, y: middle.yPx, width: 1, height: 1 }, context);
    return Math.max(0, part.data[(middle.yPx - part.bottom) * part.width + middle.xPx - part.left]!) / peak;
  };
  const positive = brightness(input.science.science, peakOf(sciencePsf));
  const negative = fluxRatio * brightness(input.template.science, peakOf(templatePsf));
  const flux = Math.max(Math.abs(point.fluxE), (positive + negative) / 2);
  const reach = FARTHEST_FWHM * input.difference.psf.fwhmPx;
  const [dx, dy] = [point.xPx - middle.xPx, point.yPx - middle.yPx];
  const backgrounds = new Float64Array(3 * parts.length);
  const fluxes = config.hasSeparateFluxes ? [flux, flux] : [flux];
  const joint = minimiseChi2(
    (p) => evaluateDipole(p, parts, fluxes.length, reach),
    Float64Array.of(dx, dy, dx, dy, ...fluxes, ...backgrounds),
  );
  if (!joint) return undefined;
  const single = minimiseChi2(
    (p) => evaluatePoint(p, parts[0]!, reach),
    Float64Array.of(dx, dy, point.fluxE, 0, 0, 0),
  );
  return describeDipole(joint, single, parts, middle, fluxes.length, config);
}

function peakOf({ size, coefficients }: DetectionInput['difference']['psf']): number {
  return coefficients[0]![(size * size - 1) / 2]!;
}

function makeParts(
  { difference, science, template }: DetectionInput,
  middle: { readonly xPx: number; readonly yPx: number },
  config: ShapeConfig,
  context: TaskContext,
): readonly Lobes[] {
  const { psf, sciencePsf, templatePsf, fluxRatio } = difference;
  const reachOf = (fwhmPx: number): number => config.radiusFwhm * fwhmPx;
  const radius = Math.ceil(reachOf(Math.max(psf.fwhmPx, sciencePsf.fwhmPx, templatePsf.fwhmPx))) + 1;
  const within = (reach: number) => (dx: number, dy: number) => dx * dx + dy * dy <= reach * reach;
  const brushOf = (of: typeof psf): PsfBrush => makePsfBrush(of, middle.xPx, middle.yPx, radius);
  const { width, height } = difference.difference;
  const box = boxAround(middle.xPx, middle.yPx, radius, width, height);
  const planes = (image: MaskedImage) => ({
    plane: image.science,
    variance: image.variance,
    mask: image.mask,
  });
  const middleOf = ({ left, bottom }: Part) => ({ xPx: middle.xPx - left, yPx: middle.yPx - bottom });
  const [sciencePart, templatePart] = [partOf(science, box, context), partOf(template, box, context)];
  const own = { plane: difference.difference, variance: difference.variance, mask: difference.mask };
  const { directWeight } = config;
  return [
    {
      pixels: takePixels(own, middle, radius, within(reachOf(psf.fwhmPx))),
      brush: brushOf(psf),
      showsPositive: true,
      showsNegative: true,
      negativeSign: -1,
    },
    {
      pixels: takePixels(
        planes(sciencePart),
        middleOf(sciencePart),
        radius,
        within(reachOf(sciencePsf.fwhmPx)),
        1,
        directWeight,
      ),
      brush: brushOf(sciencePsf),
      showsPositive: true,
      showsNegative: false,
      negativeSign: 0,
    },
    {
      pixels: takePixels(
        planes(templatePart),
        middleOf(templatePart),
        radius,
        within(reachOf(templatePsf.fwhmPx)),
        fluxRatio,
        directWeight,
      ),
      brush: brushOf(templatePsf),
      showsPositive: false,
      showsNegative: true,
      negativeSign: 1,
    },
  ];
}

/** Parameters: place of the positive lobe, of the negative one, one flux or two, and three of background an image. */
function evaluateDipole(
  p: Float64Array,
  parts: readonly Lobes[],
  fluxCount: number,
  reach: number,
): ModelState | undefined {
  const [px, py, nx, ny, positive] = p as unknown as [number, number, number, number, number];
  const negative = p[4 + fluxCount - 1]!;
  if (Math.hypot(px, py) > reach || Math.hypot(nx, ny) > reach) return undefined;
  const total = parts.reduce((sum, { pixels }) => sum + pixels.at.length, 0);
  const residuals = new Float64Array(total);
  const slopes = Array.from({ length: p.length }, () => new Float64Array(total));
  let start = 0;
  parts.forEach((part, index) => {
    const { at, dx, dy, data, weight } = part.pixels;
    const { side } = part.brush;
    const draw = (isShown: boolean, x: number, y: number): Float64Array => {
      const canvas = new Float64Array(side * side);
      if (isShown) part.brush.add(x, y, [canvas, 1]);
      return canvas;
    };
    const plus = draw(part.showsPositive, px, py);
    const minus = draw(part.showsNegative, nx, ny);
    const plusSlopes = slopesOf(plus, side);
    const minusSlopes = slopesOf(minus, side);
    const sign = part.negativeSign;
    const background = 4 + fluxCount + 3 * index;
    for (let n = 0; n < at.length; n++) {
      const k = at[n]!;
      const w = weight[n]!;
      const row = start + n;
      const level = p[background]! + p[background + 1]! * dx[n]! + p[background + 2]! * dy[n]!;
      residuals[row] = data[n]! - w * (positive * plus[k]! + sign * negative * minus[k]! + level);
      slopes[0]![row] = w * positive * plusSlopes.x[k]!;
      slopes[1]![row] = w * positive * plusSlopes.y[k]!;
      slopes[2]![row] = w * sign * negative * minusSlopes.x[k]!;
      slopes[3]![row] = w * sign * negative * minusSlopes.y[k]!;
      slopes[4]![row] = w * plus[k]!;
      slopes[4 + fluxCount - 1]![row]! += w * sign * minus[k]!;
      slopes[background]![row] = w;
      slopes[background + 1]![row] = w * dx[n]!;
      slopes[background + 2]![row] = w * dy[n]!;
    }
    start += at.length;
  });
  return { residuals, slopes };
}

/** A point source and a linear background on the difference. */
function evaluatePoint(p: Float64Array, { pixels, brush }: Lobes, reach: number): ModelState | undefined {
  const [x, y, flux] = p as unknown as [number, number, number];
  if (Math.hypot(x, y) > reach) return undefined;
  const drawn = new Float64Array(brush.side * brush.side);
  brush.add(x, y, [drawn, 1]);
  const slope = slopesOf(drawn, brush.side);
  const own = weigh(pixels, drawn);
  const { weight } = pixels;
  const acrossX = weight.map((w, n) => w * pixels.dx[n]!);
  const acrossY = weight.map((w, n) => w * pixels.dy[n]!);
  return {
    residuals: subtractColumns(pixels.data, [
      [own, flux],
      [weight, p[3]!],
      [acrossX, p[4]!],
      [acrossY, p[5]!],
    ]),
    slopes: [weigh(pixels, slope.x, flux), weigh(pixels, slope.y, flux), own, weight, acrossX, acrossY],
  };
}

function describeDipole(
  joint: Minimum,
  single: Minimum | undefined,
  parts: readonly Lobes[],
  middle: { readonly xPx: number; readonly yPx: number },
  fluxCount: number,
  config: ShapeConfig,
): DipoleFit {
  const p = joint.parameters;
  const n = p.length;
  const [px, py, nx, ny, positive] = p as unknown as [number, number, number, number, number];
  const negative = p[4 + fluxCount - 1]!;
  const { residuals, slopes } = evaluateDipole(p, parts, fluxCount, Number.POSITIVE_INFINITY)!;
  const [own, ...pair] = parts.map((part) => part.pixels);
  const errors = propagateNoise(joint.covariance, slopes, own!, pair, config.directWeight);
  const covariance = (a: number, b: number): number => errors[a * n + b]!;
  const separation = Math.hypot(px - nx, py - ny);
  const [ux, uy] = separation > 0 ? [(px - nx) / separation, (py - ny) / separation] : [1, 0];
  const along = [ux, uy, -ux, -uy];
  let variance = 0;
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) variance += along[a]! * along[b]! * covariance(a, b);
  }
  const positiveErr = Math.sqrt(covariance(4, 4));
  const negativeErr = Math.sqrt(covariance(4 + fluxCount - 1, 4 + fluxCount - 1));
  const pixels = parts[0]!.pixels.at.length;
  const chi2 = residuals.subarray(0, pixels).reduce((sum, r) => sum + r * r, 0);
  const gain = Math.max(0, (single?.chi2 ?? chi2) - chi2);
  const total = Math.abs(positive) + Math.abs(negative);
  const snr = Math.hypot(positive / positiveErr, negative / negativeErr);
  const isDipole =
    positive > 0 &&
    negative > 0 &&
    snr >= config.minDipoleSnr &&
    Math.max(positive, negative) <= config.maxLobeShare * total &&
    // The second lobe has two or three parameters of its own: with two, chance is exp(-gain / 2).
    Math.exp(-gain / 2) < config.maxDipoleChance;
  return {
    xPx: middle.xPx + (px + nx) / 2,
    yPx: middle.yPx + (py + ny) / 2,
    separationPx: separation,
    separationErrPx: Math.sqrt(variance),
    angleRad: Math.atan2(py - ny, px - nx),
    positiveFluxE: positive,
    positiveFluxErrE: positiveErr,
    negativeFluxE: negative,
    negativeFluxErrE: negativeErr,
    significance: Math.sqrt(gain),
    chi2: chi2 / pixels,
    isDipole,
  };
}
