/** What stands where a number is not known. */
export const NOT_KNOWN = '–';

/** Write a number with fixed decimals. */
export function formatFixed(value: number | undefined, decimals: number): string {
  return value === undefined || !Number.isFinite(value) ? NOT_KNOWN : value.toFixed(decimals);
}

/** Write a count with thin spaces between thousands. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, '\u2009');
}

/** Write a pixel value: six significant digits, all of them of one length where that is possible. */
export function formatPixel(value: number | undefined): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return 'no value';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '-infinite';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) return value.toExponential(4);
  return value.toFixed(size >= 1000 ? 1 : size >= 10 ? 2 : 4);
}

/** Write two limits with the digits that their distance deserves: `-119 … 195`, `-0.42 … 0.42`. */
export function formatRange(lo: number, hi: number): string {
  const range = Math.abs(hi - lo);
  if (range >= 1e6 || range < 1e-4) return `${lo.toExponential(2)} … ${hi.toExponential(2)}`;
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(range)));
  return `${lo.toFixed(decimals)} … ${hi.toFixed(decimals)}`;
}

/** Write a unit as astronomers do. */
export function formatUnit(unit: string): string {
  return unit === 'sigma' ? 'σ' : unit;
}

/** Write how long something took: `0.42 s`, `12.3 s`, `2 m 05 s`. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return NOT_KNOWN;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
}

/** Write bytes in whole mebibytes. */
export function formatMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** Bytes as people count disks: powers of ten. */
export function formatGigabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Write a moment as a clock does, in UTC: observatories keep that time. */
export function formatClock(instant: string): string {
  return instant.slice(11, 19);
}

/** Write the day of a moment, in UTC. */
export function formatDay(instant: string): string {
  return instant.slice(0, 10);
}

/** Say files by their names where their folders are said elsewhere. */
export function shortenPaths(text: string, paths: readonly string[]): string {
  return paths.reduce((short, path) => short.replaceAll(path, path.split(/[\\/]/).at(-1)!), text);
}
