import { useMemo, useRef } from 'react';
import { formatCount, formatPixel } from '../../ui/format.ts';
import { countValues, describeLimitsMode, type Limits, resolveLimits } from '../../viewer/index.ts';
import { setDisplay, useFieldView } from '../field-view.ts';
import { Facts } from './facts.tsx';
import type { PanelContext } from './panel-context.ts';
import { Plot, rangeOf } from './plot.tsx';

const STEPS = 200;

/** How often values occur in an image, with the limits to be dragged. */
export function HistogramPanel({ kind, source, unit }: PanelContext) {
  const display = useFieldView((view) => view.displays[kind]);
  const held = useRef<keyof Limits>('lo');
  const statistics = source?.statistics;
  const first = useRef<{ readonly of: typeof statistics; readonly limits: Limits }>(undefined);
  if (statistics !== undefined && first.current?.of !== statistics)
    first.current = { of: statistics, limits: resolveLimits(display.limits, statistics) };
  // The sky and what the limits were at first; the bright end holds few pixels, which are counted beside.
  const range = useMemo(() => {
    if (statistics === undefined || statistics.sortedSample.length === 0) return undefined;
    const { median, sigma } = statistics;
    const { lo, hi } = first.current!.limits;
    return rangeOf([median - 6 * sigma, median + 14 * sigma, lo, hi], 0.04);
  }, [statistics]);
  const histogram = useMemo(
    () => range && statistics && countValues(statistics.sortedSample, range.lo, range.hi, STEPS),
    [range, statistics],
  );
  if (histogram === undefined || range === undefined || statistics === undefined)
    return <p className="tool-waiting dim">No image here whose values could be counted.</p>;
  const limits = resolveLimits(display.limits, statistics);
  const most = histogram.counts.reduce((high, count) => Math.max(high, count), 1);
  const drag = (at: number, phase: 'start' | 'move' | 'end'): void => {
    if (phase === 'end') return;
    if (phase === 'start') held.current = Math.abs(at - limits.lo) < Math.abs(at - limits.hi) ? 'lo' : 'hi';
    const moved = { ...limits, [held.current]: at };
    if (moved.lo < moved.hi) setDisplay({ limits: { kind: 'user', ...moved } });
  };
  const width = (range.hi - range.lo) / STEPS;
  return (
    <div className="tool-panel histogram-panel">
      <Plot
        label="Histogram of the image, with the limits of the display"
        x={range}
        y={{ lo: 0.5, hi: most * 1.5 }}
        xName={unit}
        yName="pixels"
        isLogY
        onDrag={drag}
      >
        {(scale) => (
          <>
            <path
              className="tool-plot-bars"
              d={Array.from(histogram.counts, (count, i) => {
                if (count === 0) return '';
                const [left, right] = [scale.x(range.lo + i * width), scale.x(range.lo + (i + 1) * width)];
                return `M${left.toFixed(1)} 200V${scale.y(count).toFixed(1)}H${right.toFixed(1)}V200`;
              }).join('')}
            />
            {(['lo', 'hi'] as const).map((end) => (
              <path key={end} className="tool-plot-limit" d={`M${scale.x(limits[end])} 0V200`} />
            ))}
          </>
        )}
      </Plot>
      <Facts
        facts={[
          ['limits', `${formatPixel(limits.lo)} … ${formatPixel(limits.hi)} ${unit}`],
          ['from', describeLimitsMode(display.limits)],
          ['median', `${formatPixel(statistics.median)} ± ${formatPixel(statistics.sigma)} ${unit}`],
          ['range', `${formatPixel(statistics.min)} … ${formatPixel(statistics.max)}`],
          ['pixels', `${formatCount(statistics.finiteCount)}${statistics.isExact ? '' : ', sampled'}`],
          ['beyond', `${formatCount(histogram.below)} below, ${formatCount(histogram.above)} above`],
          ['counted', `${formatCount(statistics.sortedSample.length)} at equal steps`],
        ]}
      />
    </div>
  );
}
