import type { RunPoint } from '../../../core/api/contract/index.ts';

/** A point on the drawing, px from its left top. */
export interface CurvePoint {
  readonly runId: string;
  readonly x: number;
  readonly y: number;
  /** Ends of the error bar. */
  readonly top: number;
  readonly bottom: number;
  readonly band: string | undefined;
  readonly mjd: number;
  readonly flux: number;
  readonly fluxErr: number;
}

/** A light curve laid out for drawing. */
export interface CurveDrawing {
  readonly points: readonly CurvePoint[];
  /** Where no change is. */
  readonly zeroY: number;
  readonly fluxTicks: readonly { readonly y: number; readonly text: string }[];
  readonly timeTicks: readonly { readonly x: number; readonly text: string }[];
  readonly unit: 'nJy' | 'e-';
}

const MARGIN = { left: 58, right: 12, top: 10, bottom: 22 };

/**
 * Lay out changes of flux against time.
 *
 * In nJy where every run has a zeropoint, else in electrons of each run's own image, which only runs of one template
 * scale share.
 *
 * @returns `undefined` where no run has both a time and a flux.
 */
export function drawLightCurve(
  runs: readonly RunPoint[],
  width: number,
  height: number,
): CurveDrawing | undefined {
  const measured = runs.flatMap((run) =>
    run.kind === 'measured' && run.midpointMjdTai !== undefined ? [{ ...run, mjd: run.midpointMjdTai }] : [],
  );
  if (measured.length === 0) return undefined;
  const hasZeropoints = measured.every(({ nJyPerE }) => nJyPerE !== undefined);
  const values = measured.map((run) => {
    const scale = hasZeropoints ? run.nJyPerE! : 1;
    return { run, flux: run.changeE * scale, fluxErr: run.changeErrE * scale };
  });
  const [low, high] = widen(
    Math.min(0, ...values.map(({ flux, fluxErr }) => flux - fluxErr)),
    Math.max(0, ...values.map(({ flux, fluxErr }) => flux + fluxErr)),
    1,
  );
  const [from, to] = widen(
    Math.min(...measured.map(({ mjd }) => mjd)),
    Math.max(...measured.map(({ mjd }) => mjd)),
    0.5,
  );
  const xOf = (mjd: number): number =>
    MARGIN.left + ((mjd - from) / (to - from)) * (width - MARGIN.left - MARGIN.right);
  const yOf = (flux: number): number =>
    height - MARGIN.bottom - ((flux - low) / (high - low)) * (height - MARGIN.top - MARGIN.bottom);
  return {
    points: values.map(({ run, flux, fluxErr }) => ({
      runId: run.runId,
      x: xOf(run.mjd),
      y: yOf(flux),
      top: yOf(flux + fluxErr),
      bottom: yOf(flux - fluxErr),
      band: run.band,
      mjd: run.mjd,
      flux,
      fluxErr,
    })),
    zeroY: yOf(0),
    fluxTicks: ticksOf(low, high, 4).map((flux) => ({ y: yOf(flux), text: formatTick(flux, high - low) })),
    // As many as have room for their words.
    timeTicks: ticksOf(from, to, Math.max(1, Math.min(5, (width - MARGIN.left) / 90))).map((mjd) => ({
      x: xOf(mjd),
      text: formatTick(mjd, to - from),
    })),
    unit: hasZeropoints ? 'nJy' : 'e-',
  };
}

/** Give a range room at both ends; a range of nothing gets a width. */
function widen(low: number, high: number, least: number): readonly [number, number] {
  const room = Math.max(0.08 * (high - low), high === low ? least : 0);
  return [low - room, high + room];
}

/** Round numbers within a range, about so many. */
export function ticksOf(low: number, high: number, about: number): readonly number[] {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((multiple) => multiple * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) ticks.push(tick * step + 0);
  return ticks;
}

function formatTick(value: number, range: number): string {
  if (Math.abs(value) >= 1e5 && range >= 1e5) return value.toExponential(1);
  return value.toFixed(Math.max(0, Math.min(4, 1 - Math.floor(Math.log10(range)))));
}
