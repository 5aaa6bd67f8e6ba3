import { allocate, heapDoubles, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import { holdStamp, type OwnedImage } from './owned-stamp.ts';

/** A centroid with Gaussian weights. */
export interface WindowedCentroid {
  readonly x: number;
  readonly y: number;
  /** FWHM of the Gaussian that has the light's weighted second moments, px; 0 if there is none. */
  readonly fwhm: number;
  readonly isConverged: boolean;
}

/** The window ends at this many sigma. */
const WINDOW_SIGMAS = 4;
/** So far the window may walk on one stamp, px. */
const MARGIN_PX = 1;
/** As much is looked at around the window where pixels opposite of its own are needed, px. */
const OPPOSITE_PX = 2;
/** A larger window is that of no star, and would be held in the kernels' memory for good. */
const MOST_PIXELS = 1 << 22;
const SETTLED = 1;
const BEYOND = 2;

/**
 * Refine a position with a Gaussian window: close to the precision of a PSF fit without knowing the PSF.
 *
 * Pixels that are not the source's own count as those opposite of its centre, or as zero where that is no better.
 *
 * @param sigma width of the window, px: half-light diameter / 2.355. It does not converge where it is 256 and more.
 * @param own number of the source in `source.owners`.
 * @param maxShift a centroid that walks further, px, is on its way to another source and does not converge.
 * @see SExtractor manual, "Windowed positional parameters", XWIN_IMAGE.
 */
export function centreWindow(
  source: OwnedImage,
  x: number,
  y: number,
  sigma: number,
  own = 0,
  maxShift = WINDOW_SIGMAS * sigma,
): WindowedCentroid {
  const radius = WINDOW_SIGMAS * sigma;
  if (!(radius > 0 && 4 * radius * radius <= MOST_PIXELS) || !Number.isFinite(x + y))
    return { x, y, fwhm: 0, isConverged: false };
  const { width, height } = source.image;
  const module = kernelModule();
  const exponent = -0.5 / (sigma * sigma);
  const limit = Math.min(maxShift, width + height);
  return withArena(() => {
    const state = allocate(32);
    const work = allocate(module.windowWorkBytes(radius));
    const at = state >> 3;
    let numbers = heapDoubles();
    numbers[at] = x;
    numbers[at + 1] = y;
    numbers[at + 2] = 0;
    numbers[at + 3] = 0;
    let margin = 0;
    const look = (): number => {
      const [cx, cy] = [numbers[at]!, numbers[at + 1]!];
      const reach = radius + MARGIN_PX + margin;
      const [left, right] = [Math.floor(cx - reach), Math.ceil(cx + reach)];
      const [bottom, top] = [Math.floor(cy - reach), Math.ceil(cy + reach)];
      const stamp = holdStamp(source, own, left, right, bottom, top);
      numbers = heapDoubles();
      if (!stamp.isWhole && margin === 0) {
        margin = OPPOSITE_PX;
        return BEYOND;
      }
      const { address, x0, y0, columns, rows } = stamp;
      return module.centreWindow(
        address,
        x0,
        y0,
        columns,
        rows,
        width,
        height,
        margin,
        radius,
        exponent,
        x,
        y,
        limit,
        work,
        state,
      );
    };
    let result = BEYOND;
    while (result === BEYOND) result = withArena(look);
    return { x: numbers[at]!, y: numbers[at + 1]!, fwhm: numbers[at + 2]!, isConverged: result === SETTLED };
  });
}
