/** A small curve of values from 0 to 1, oldest left: what a number has done lately. */
export function Sparkline({
  values,
  label,
  width = 120,
  height = 22,
  length,
}: {
  readonly values: readonly number[];
  readonly label: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** How many values the width holds; fewer are drawn from the right. */
  readonly length: number;
}) {
  const step = width / Math.max(1, length - 1);
  const left = width - step * (values.length - 1);
  const points = values.map(
    (value, i) =>
      `${(left + i * step).toFixed(1)},${((height - 1) * (1 - Math.min(1, Math.max(0, value))) + 0.5).toFixed(1)}`,
  );
  return (
    <svg className="sparkline" width={width} height={height} role="img" aria-label={label}>
      <path className="sparkline-base" d={`M0 ${height - 0.5}H${width}`} />
      {points.length > 1 && <polyline className="sparkline-line" points={points.join(' ')} />}
    </svg>
  );
}
