/** Write a right ascension as hours, `hh:mm:ss.sss`; a millisecond is 0.015 arcsec on the equator. */
export function formatRa(raDeg: number): string {
  const wrapped = ((raDeg % 360) + 360) % 360;
  return splitSixties(Math.round((wrapped / 15) * 3_600_000) % 86_400_000, 1000, 3);
}

/** Write a declination as degrees, `±dd:mm:ss.ss`. */
export function formatDec(decDeg: number): string {
  return `${decDeg < 0 ? '-' : '+'}${splitSixties(Math.round(Math.abs(decDeg) * 360_000), 100, 2)}`;
}

// Rounded before it is split, so that no seconds are ever 60.
function splitSixties(ticks: number, ticksPerSecond: number, digits: number): string {
  const seconds = Math.floor(ticks / ticksPerSecond);
  const rest = String(ticks % ticksPerSecond).padStart(digits, '0');
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${rest}`;
}

/** Write an angle in the unit that an astronomer would: arcsec below 100", arcmin below 2 degrees, degrees above. */
export function formatAngle(arcsec: number): string {
  if (arcsec < 100) return `${+arcsec.toPrecision(4)}"`;
  if (arcsec < 7200) return `${+(arcsec / 60).toPrecision(3)}'`;
  return `${+(arcsec / 3600).toPrecision(3)} deg`;
}
