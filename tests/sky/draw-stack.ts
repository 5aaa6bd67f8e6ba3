import {
  type Card,
  makeTanWcs,
  pixelToSky,
  psfComponentsAt,
  renderSource,
  skyToPixel,
  type Wcs,
  writeWcsCards,
} from '../../core/domains/observations/index.ts';
import { createRandom } from '../../core/utils/index.ts';

/** One exposure of a stack. */
export interface StackFrame {
  readonly fwhmPx: number;
  /** Electrons for one of the first exposure. */
  readonly throughput: number;
  readonly skyE: number;
  readonly ditherPx: number;
  readonly rotationDeg: number;
  /** Something that only this frame shows. */
  readonly trail?: boolean | undefined;
  readonly rays?: number | undefined;
  /** New point sources: sky places by their pixel on an undithered frame, and flux. */
  readonly events?: readonly { readonly xPx: number; readonly yPx: number; readonly fluxE: number }[];
}

/** One drawn exposure, as a camera would write it, in electrons with a gain of one. */
export interface DrawnFrame {
  readonly pixels: Float32Array;
  readonly sizePx: number;
  readonly header: readonly Card[];
  readonly wcs: Wcs;
  readonly stars: readonly { readonly xPx: number; readonly yPx: number; readonly fluxE: number }[];
}

const READ_NOISE_E = 5;
const FULL_WELL_E = 120_000;

/** Draw several exposures of one sky. The same seed gives the same stars; `night` only other noise and dithers. */
export function drawFrame(
  sizePx: number,
  stars: number,
  seed: number,
  frame: StackFrame,
  night: number,
): DrawnFrame {
  const sky = createRandom(seed);
  const own = createRandom(seed * 1000 + night);
  const middle = (sizePx - 1) / 2;
  const signed = (): number => 2 * own.uniform() - 1;
  const plane = { raDeg: 150, decDeg: 20, pixelScaleArcsec: 0.5 };
  const fixed = makeTanWcs({ ...plane, xPx: middle, yPx: middle });
  const wcs = makeTanWcs({
    ...plane,
    xPx: middle + frame.ditherPx * signed(),
    yPx: middle + frame.ditherPx * signed(),
    positionAngleDeg: frame.rotationDeg * signed(),
  });
  const image = { width: sizePx, height: sizePx, data: new Float32Array(sizePx * sizePx) };
  const psf = {
    widthPx: sizePx,
    heightPx: sizePx,
    beta: 3.5,
    fwhmPx: [frame.fwhmPx, 0, 0, 0],
    e1: [0, 0, 0],
    e2: [0, 0, 0],
  } as const;
  const components = psfComponentsAt(psf, middle, middle);
  const scale = 0.5 / 3600;
  const [a0, d0] = [150, 20];
  const drawn: { xPx: number; yPx: number; fluxE: number }[] = [];
  const put = (raDeg: number, decDeg: number, fluxE: number): void => {
    const at = skyToPixel(wcs, raDeg, decDeg);
    if (at === undefined || at.xPx < -30 || at.yPx < -30 || at.xPx > sizePx + 30 || at.yPx > sizePx + 30)
      return;
    renderSource(image, at.xPx, at.yPx, fluxE * frame.throughput, components, 0.02);
    drawn.push({ ...at, fluxE });
  };
  const reach = 1.3 * sizePx * scale;
  for (let k = 0; k < stars; k++) {
    const [u, v] = [sky.uniform() - 0.5, sky.uniform() - 0.5];
    const fluxE = Math.min(2e6, 500 * (1 - sky.uniform()) ** (-1 / 0.7));
    put(a0 + (u * reach) / Math.cos((d0 * Math.PI) / 180), d0 + v * reach, fluxE);
  }
  for (const event of frame.events ?? []) {
    const at = pixelOn(fixed, wcs, event);
    renderSource(image, at[0], at[1], event.fluxE * frame.throughput, components, 0.02);
  }
  if (frame.trail === true)
    for (let x = 0; x < sizePx; x++)
      renderSource(image, x, 0.3 * sizePx + 0.35 * x, 0.9 * Math.sqrt(frame.skyE) * 8, components, 0.02);
  for (let k = 0; k < image.data.length; k++) {
    const mean = image.data[k]! + frame.skyE;
    image.data[k] = mean + Math.sqrt(mean + READ_NOISE_E ** 2) * own.normal();
  }
  for (let k = 0; k < (frame.rays ?? 0); k++) {
    const [x, y] = [own.integer(sizePx - 8), own.integer(sizePx - 8)];
    const [length, slope] = [1 + own.integer(6), own.uniform()];
    for (let i = 0; i < length; i++)
      image.data[(y + Math.round(i * slope)) * sizePx + x + i]! += 400 + 3000 * own.uniform();
  }
  for (let k = 0; k < image.data.length; k++)
    image.data[k] = Math.round(Math.min(FULL_WELL_E, image.data[k]!));
  return {
    pixels: image.data,
    sizePx,
    wcs,
    stars: drawn,
    header: [
      { keyword: 'OBJECT', value: 'simulated stack' },
      { keyword: 'FILTER', value: 'r' },
      { keyword: 'EXPTIME', value: 60 },
      { keyword: 'DATE-OBS', value: `2026-03-${String(1 + (night % 28)).padStart(2, '0')}T04:00:00.000` },
      { keyword: 'TIMESYS', value: 'UTC' },
      { keyword: 'GAIN', value: 1, comment: '[e-/ADU]' },
      { keyword: 'RDNOISE', value: READ_NOISE_E },
      { keyword: 'SATURATE', value: 0.98 * FULL_WELL_E },
      { keyword: 'BUNIT', value: 'adu' },
      ...writeWcsCards(wcs),
    ],
  };
}

function pixelOn(
  from: Wcs,
  to: Wcs,
  { xPx, yPx }: { readonly xPx: number; readonly yPx: number },
): readonly [number, number] {
  const { raDeg, decDeg } = pixelToSky(from, xPx, yPx);
  const at = skyToPixel(to, raDeg, decDeg)!;
  return [at.xPx, at.yPx];
}
