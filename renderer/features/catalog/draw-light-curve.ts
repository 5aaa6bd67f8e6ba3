import type { CatalogDetection, RunPoint } from '../../../core/api/contract/index.ts';
import type { Figure, PlotColours, PlotTable } from '../../ui/plot.tsx';

/** Below so many sigma a flux is told as a limit, and the limit is as many. */
const LIMIT_SIGMA = 3;

type Measured = Extract<RunPoint, { kind: 'measured' }>;

/** A point of a light curve: how much brighter than in the template. */
export interface CurvePoint {
  readonly runId: string;
  readonly mjd: number;
  readonly flux: number;
  readonly error: number;
  readonly band: string;
  readonly isLimit: boolean;
}

/** A light curve in one unit. */
export interface LightCurve {
  readonly unit: 'nJy' | 'e-';
  readonly points: readonly CurvePoint[];
  /** Measured, but nobody knows when. */
  readonly undated: number;
  readonly failed: number;
}

/** Make a light curve of forced fluxes: in nanojansky where every exposure has a zeropoint, else in electrons. */
export function makeLightCurve(points: readonly RunPoint[]): LightCurve {
  const measured = points.filter((point): point is Measured => point.kind === 'measured');
  const isCalibrated = measured.length > 0 && measured.every(({ nJyPerE }) => nJyPerE !== undefined);
  const dated = measured.filter(({ midpointMjdTai }) => midpointMjdTai !== undefined);
  return {
    unit: isCalibrated ? 'nJy' : 'e-',
    points: dated.map((point) => {
      const scale = isCalibrated ? point.nJyPerE! : 1;
      return {
        runId: point.runId,
        mjd: point.midpointMjdTai!,
        flux: point.changeE * scale,
        error: point.changeErrE * scale,
        band: point.band ?? '',
        isLimit: Math.abs(point.changeE) < LIMIT_SIGMA * point.changeErrE,
      };
    }),
    undated: measured.length - dated.length,
    failed: points.length - measured.length,
  };
}

/** Symbols by band, so that colour is never all there is. */
const SYMBOLS = ['circle', 'square', 'diamond', 'star', 'cross', 'hexagon'];

/** Draw a light curve: errors, limits as arrows down, detections of the line ringed. */
export function drawLightCurve(curve: LightCurve, detections: readonly CatalogDetection[]) {
  return (colours: PlotColours): Figure => {
    const bands = [...new Set(curve.points.map(({ band }) => band))].sort();
    const shades = [colours.text, colours.accent, colours.warn, colours.ok, colours.error, colours.dim];
    const detected = new Set(detections.map(({ runId }) => runId));
    const traces = bands.flatMap((band, k) => {
      const colour = shades[k % shades.length]!;
      const own = curve.points.filter((point) => point.band === band);
      const seen = own.filter(({ isLimit }) => !isLimit);
      const limits = own.filter(({ isLimit }) => isLimit);
      const name = band === '' ? 'no band' : band;
      return [
        {
          type: 'scatter',
          mode: 'markers',
          name,
          x: seen.map(({ mjd }) => mjd),
          y: seen.map(({ flux }) => flux),
          error_y: {
            type: 'data',
            array: seen.map(({ error }) => error),
            color: colour,
            thickness: 1,
            width: 2,
          },
          marker: {
            symbol: SYMBOLS[k % SYMBOLS.length],
            size: 6,
            color: colour,
            line: {
              width: seen.map(({ runId }) => (detected.has(runId) ? 2 : 0)),
              color: colours.accent,
            },
          },
          hovertemplate: `%{x:.4f}: %{y:.0f} ${curve.unit}<extra>${name}</extra>`,
        },
        {
          type: 'scatter',
          mode: 'markers',
          name: `${name}, limit`,
          x: limits.map(({ mjd }) => mjd),
          y: limits.map(({ error }) => LIMIT_SIGMA * error),
          marker: { symbol: 'triangle-down-open', size: 8, color: colour, line: { width: 1, color: colour } },
          hovertemplate: `%{x:.4f}: below %{y:.0f} ${curve.unit}<extra>${name}</extra>`,
        },
      ];
    });
    return {
      traces: traces.filter(({ x }) => x.length > 0) as Figure['traces'],
      layout: {
        xaxis: { title: { text: 'MJD (TAI)' }, tickformat: '.2~f', exponentformat: 'none' },
        yaxis: { title: { text: `change, ${curve.unit}` }, zeroline: true, zerolinecolor: colours.dim },
        showlegend: true,
        legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom' },
        margin: { l: 52, r: 8, t: 20, b: 32 },
        dragmode: false,
      } as Figure['layout'],
    };
  };
}

/** Tell a light curve as numbers. */
export function tableOfCurve({ points, unit }: LightCurve): PlotTable {
  return {
    head: ['MJD', 'band', `change ${unit}`, 'error', 'limit'],
    rows: points.map(({ mjd, band, flux, error, isLimit }) => [
      mjd.toFixed(5),
      band,
      flux.toFixed(1),
      error.toFixed(1),
      isLimit ? `< ${(LIMIT_SIGMA * error).toFixed(1)}` : '',
    ]),
  };
}
