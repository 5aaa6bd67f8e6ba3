import { formatPixel } from '../../ui/format.ts';

/** Write a value with its error, both with the digits that the error deserves: `863.6 ± 4.9`. */
export function formatMeasured(value: number, error: number): string {
  if (!(error > 0) || !Number.isFinite(error) || Math.abs(value) >= 1e9)
    return `${formatPixel(value)} ± ${formatPixel(error)}`;
  const decimals = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(error))));
  const rounded = value.toFixed(decimals);
  return `${Number(rounded) === 0 ? rounded.replace('-', '') : rounded} ± ${error.toFixed(decimals)}`;
}
