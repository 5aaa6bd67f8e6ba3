/**
 * Write right ascension as `hh:mm:ss.s`.
 *
 * @param decimals of the seconds, 0..6; the last digit is rounded and carries, so 60 never appears.
 */
export function formatRa(raDeg: number, decimals: number): string {
  const turn = ((raDeg % 360) + 360) % 360;
  return sexagesimal(turn / 15, decimals, 24);
}

/** Write declination as `+dd:mm:ss.s`; the sign is always there, also for -0.5 degrees. */
export function formatDec(decDeg: number, decimals: number): string {
  return `${decDeg < 0 ? '-' : '+'}${sexagesimal(Math.abs(decDeg), decimals, Number.POSITIVE_INFINITY)}`;
}

/**
 * Write a place with the digits that its pixels deserve: the last digit is a tenth of a pixel or finer.
 *
 * @param pixelScaleArcsec size of a pixel.
 */
export function formatPlace(raDeg: number, decDeg: number, pixelScaleArcsec: number): string {
  const digits = Math.min(4, Math.max(1, Math.ceil(-Math.log10(pixelScaleArcsec / 10))));
  return `${formatRa(raDeg, digits + 1)} ${formatDec(decDeg, digits)}`;
}

function sexagesimal(value: number, decimals: number, wrapAt: number): string {
  const unit = 10 ** decimals;
  const ticks = Math.round(value * 3600 * unit);
  const whole = Math.floor(ticks / (3600 * unit));
  const minutes = Math.floor(ticks / (60 * unit)) % 60;
  const seconds = (ticks % (60 * unit)) / unit;
  const first = whole >= wrapAt ? whole - wrapAt : whole;
  const width = decimals > 0 ? decimals + 3 : 2;
  return `${pad(first)}:${pad(minutes)}:${seconds.toFixed(decimals).padStart(width, '0')}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
