import type { Completeness, EfficiencyCurve } from '../../../core/api/contract/index.ts';
import { formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { drawBand, drawCurve, placeSnr } from './draw-efficiency.ts';

/** Plot area of the curve, and of the map, in their own units. */
const PLOT = { left: 22, right: 176, top: 6, bottom: 74 } as const;
const MAP_SIDE = 112;
/** S/N that the axis names. */
const TICKS = [2, 5, 10] as const;
/** Cells this much deeper or shallower than their mean have the strongest and the faintest tint, mag. */
const DEEPEST_MAG = 0.3;

/** How deep the field is: what part of injected stars is found, against S/N and over the image. */
export function DepthView({ completeness }: { readonly completeness: Completeness }) {
  const { bySnr, byMag, magnitudes, injected } = completeness;
  const half = bySnr.at50
    ? `S/N ${formatFixed(bySnr.at50.value, 1)} ± ${formatFixed(bySnr.at50.error, 1)}`
    : 'not reached';
  const system = magnitudes === 'instrumental' ? 'instrumental' : 'AB';
  return (
    <figure className="depth" aria-label={`Depth: half of the injected stars are found at ${half}`}>
      <figcaption className="depth-facts dim">
        <span className="ellipsis">
          50 % at <span className="mono">{half}</span>
        </span>
        <span className="ellipsis" title={`${injected} stars injected; magnitudes are ${system}`}>
          m50 <span className="mono">{magnitudeOf(byMag.at50?.value)}</span> m90{' '}
          <span className="mono">{magnitudeOf(byMag.at90?.value)}</span>
        </span>
      </figcaption>
      <EfficiencyPlot curve={bySnr} />
      <DepthMap completeness={completeness} />
    </figure>
  );
}

function magnitudeOf(value: number | undefined): string {
  return formatFixed(value, 2);
}

function EfficiencyPlot({ curve }: { readonly curve: EfficiencyCurve }) {
  const y = (part: number) => PLOT.bottom - part * (PLOT.bottom - PLOT.top);
  const x = (snr: number) => placeSnr(snr, PLOT);
  const half = curve.at50 && x(curve.at50.value);
  return (
    <svg className="depth-plot" viewBox="0 0 180 90" role="img" aria-label="Part found against S/N">
      <path className="depth-axis" d={`M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}`} />
      <path
        className="depth-grid"
        d={`M${PLOT.left} ${y(0.5)}H${PLOT.right}M${PLOT.left} ${y(1)}H${PLOT.right}`}
      />
      {[0, 0.5, 1].map((part) => (
        <text key={part} className="depth-end" x={PLOT.left - 4} y={y(part)}>
          {part}
        </text>
      ))}
      {TICKS.map((snr) => (
        <text key={snr} className="depth-middle" x={x(snr)} y={PLOT.bottom + 10}>
          {snr === 10 ? '10 S/N' : snr}
        </text>
      ))}
      <path className="depth-band" d={drawBand(curve, PLOT)} />
      {curve.bins
        .filter((bin) => bin.injected > 0)
        .map(({ from, to, found, injected, low, high }) => (
          <g key={from}>
            <title>{`S/N ${from} to ${to}: ${found} of ${injected}`}</title>
            <path className="depth-error" d={`M${x(Math.sqrt(from * to))} ${y(low)}V${y(high)}`} />
            <circle className="depth-point" cx={x(Math.sqrt(from * to))} cy={y(found / injected)} r="1.8" />
          </g>
        ))}
      <path className="depth-curve" d={drawCurve(curve, PLOT)} />
      {half !== undefined && <path className="depth-half" d={`M${half} ${y(0.5)}V${PLOT.bottom}`} />}
    </svg>
  );
}

/** The image in cells, tinted by how deep each is, with its m50. */
function DepthMap({ completeness }: { readonly completeness: Completeness }) {
  const { cells } = completeness;
  const width = Math.max(...cells.map((cell) => cell.x + cell.width));
  const height = Math.max(...cells.map((cell) => cell.y + cell.height));
  const scale = MAP_SIDE / Math.max(width, height);
  const known = cells.flatMap(({ mag50 }) => (mag50 === undefined ? [] : [mag50]));
  const mean = known.reduce((sum, mag) => sum + mag, 0) / Math.max(1, known.length);
  return (
    <svg
      className="depth-map"
      viewBox={`0 0 ${MAP_SIDE} ${MAP_SIDE}`}
      role="img"
      aria-label="Depth over the image: m50 of each part"
    >
      {cells.map((cell) => {
        const box = {
          x: cell.x * scale,
          // Pixels count upwards.
          y: (height - cell.y - cell.height) * scale,
          width: cell.width * scale,
          height: cell.height * scale,
        };
        const depth = cell.mag50 === undefined ? 0 : (cell.mag50 - mean) / DEEPEST_MAG;
        return (
          <g key={`${cell.x},${cell.y}`}>
            <title>{`${cell.found} of ${cell.injected} found; S/N ${formatFixed(cell.snr50?.value, 2)}`}</title>
            <rect
              className="depth-cell"
              {...box}
              style={{ fillOpacity: 0.32 + 0.28 * Math.max(-1, Math.min(1, depth)) }}
            />
            <text className="depth-middle" x={box.x + box.width / 2} y={box.y + box.height / 2}>
              {cell.mag50 === undefined ? NOT_KNOWN : formatFixed(cell.mag50, 1)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
