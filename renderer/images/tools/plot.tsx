import { type PointerEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** A range of one axis. */
export interface Range {
  readonly lo: number;
  readonly hi: number;
}

/** How places of a plot become places of its drawing. */
export interface PlotScale {
  x(value: number): number;
  y(value: number): number;
}

/** Width before the page has laid it out, and the height of every plot, CSS pixels. */
const FIRST_WIDTH = 300;
const HEIGHT = 164;

/**
 * A small plot with two axes, drawn as SVG.
 *
 * @param label what a person who cannot see it is told.
 * @param onDrag is told where on the x axis the pointer is pressed or dragged.
 */
export function Plot({
  label,
  x,
  y,
  xName,
  yName,
  isLogY = false,
  onDrag,
  children,
}: {
  readonly label: string;
  readonly x: Range;
  readonly y: Range;
  readonly xName: string;
  readonly yName: string;
  readonly isLogY?: boolean;
  readonly onDrag?: ((at: number, phase: 'start' | 'move' | 'end') => void) | undefined;
  readonly children: (scale: PlotScale) => ReactNode;
}) {
  const element = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(FIRST_WIDTH);
  const clipId = useId();
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) =>
      setWidth(Math.max(120, Math.round(entry!.contentRect.width))),
    );
    sizes.observe(element.current!);
    return () => sizes.disconnect();
  }, []);
  const area = { left: 58, right: width - 10, top: 6, bottom: 142 };
  const rise = (value: number): number => (isLogY ? Math.log10(Math.max(value, 0.5)) : value);
  const [low, high] = [rise(y.lo), rise(y.hi)];
  const part = (value: number, { lo, hi }: Range): number => (hi > lo ? (value - lo) / (hi - lo) : 0.5);
  const scale: PlotScale = {
    x: (value) => area.left + part(value, x) * (area.right - area.left),
    y: (value) => area.bottom - part(rise(value), { lo: low, hi: high }) * (area.bottom - area.top),
  };
  const drag = (event: PointerEvent, phase: 'start' | 'move' | 'end'): void => {
    if (onDrag === undefined || (phase === 'move' && event.buttons === 0)) return;
    if (phase === 'start') event.currentTarget.setPointerCapture(event.pointerId);
    // The drawing is `width` wide in its own lengths; on the screen it is as large as everything is drawn.
    const rect = event.currentTarget.getBoundingClientRect();
    const at = ((event.clientX - rect.left) * width) / rect.width;
    onDrag(x.lo + ((at - area.left) / (area.right - area.left)) * (x.hi - x.lo), phase);
  };
  const yTicks = isLogY ? decades(low, high) : ticksOf(y, 4);
  return (
    <div className={onDrag === undefined ? 'tool-plot' : 'tool-plot tool-plot-drag'} ref={element}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={label}
        onPointerDown={(event) => drag(event, 'start')}
        onPointerMove={(event) => drag(event, 'move')}
        onPointerUp={(event) => drag(event, 'end')}
      >
        <path className="tool-plot-axis" d={`M${area.left} ${area.top}V${area.bottom}H${area.right}`} />
        {ticksOf(x, 5).map((tick) => (
          <g key={tick} transform={`translate(${scale.x(tick)} ${area.bottom})`}>
            <path className="tool-plot-axis" d="M0 0V3" />
            <text className="tool-plot-middle" y="11">
              {writeTick(tick, x)}
            </text>
          </g>
        ))}
        {yTicks.map((tick) => (
          <g key={tick} transform={`translate(${area.left} ${scale.y(tick)})`}>
            <path className="tool-plot-grid" d={`M0 0H${area.right - area.left}`} />
            <text className="tool-plot-end" x="-5">
              {isLogY ? writeCount(tick) : writeTick(tick, y)}
            </text>
          </g>
        ))}
        <text className="tool-plot-end tool-plot-name" x={area.right} y={area.bottom - 7}>
          {xName}
        </text>
        <text className="tool-plot-name" x={area.left + 5} y={area.top + 5}>
          {yName}
        </text>
        <clipPath id={clipId}>
          <rect x={area.left} y={area.top} width={area.right - area.left} height={area.bottom - area.top} />
        </clipPath>
        <g clipPath={`url(#${clipId})`}>{children(scale)}</g>
      </svg>
    </div>
  );
}

/** Draw values as a line; where one is missing the line breaks. */
export function linePath(xs: ArrayLike<number>, ys: ArrayLike<number>, scale: PlotScale): string {
  let path = '';
  let isDown = false;
  for (let i = 0; i < xs.length; i++) {
    const y = ys[i]!;
    if (Number.isFinite(y))
      path += `${isDown ? 'L' : 'M'}${scale.x(xs[i]!).toFixed(1)} ${scale.y(y).toFixed(1)}`;
    isDown = Number.isFinite(y);
  }
  return path;
}

/** The smallest and largest finite value; `undefined` when there is none. */
export function extentOf(values: Iterable<number>): Range | undefined {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  return lo > hi ? undefined : { lo, hi };
}

/** The range of finite values with a margin; a flat one is made wide enough to see. */
export function rangeOf(values: Iterable<number>, marginPart = 0.06): Range {
  const extent = extentOf(values);
  if (extent === undefined) return { lo: 0, hi: 1 };
  const { lo, hi } = extent;
  const margin = (hi - lo) * marginPart || Math.abs(lo) * 0.05 || 0.5;
  return { lo: lo - margin, hi: hi + margin };
}

/** Round numbers within a range, about as many as wanted. */
export function ticksOf({ lo, hi }: Range, wanted: number): readonly number[] {
  const raw = (hi - lo) / wanted;
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= raw) ?? 10);
  const first = Math.ceil(lo / step - 1e-9);
  const last = Math.floor(hi / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function decades(low: number, high: number): readonly number[] {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  const every = Math.max(1, Math.ceil((last - first) / 4));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i)
    .filter((power) => (power - first) % every === 0)
    .map((power) => 10 ** power);
}

function writeTick(value: number, { lo, hi }: Range): string {
  const size = Math.max(Math.abs(lo), Math.abs(hi));
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value === 0 ? '0' : value.toExponential(1);
  const decimals = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10((hi - lo) / 2))));
  return value.toFixed(decimals > 1 ? decimals : decimals === 1 && hi - lo > 8 ? 0 : decimals);
}

function writeCount(value: number): string {
  return value >= 1e4 ? `1e${Math.round(Math.log10(value))}` : String(value);
}
