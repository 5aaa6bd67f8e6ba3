/** The number below which a part of them lies. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Write milliseconds in nine places. */
export function ms(value: number): string {
  return `${value.toFixed(value < 20 ? 1 : 0)} ms`.padStart(9);
}
