/**
 * Name an object after its place: `AstrID J183402.27-010203.4`.
 *
 * Digits are cut off and not rounded, as the IAU asks for. Two machines that find the same object name it alike.
 *
 * @see IAU Commission 5, "How to refer to a source of radiation or provide a designation".
 */
export function nameObject(raDeg: number, decDeg: number): string {
  // A hundredth of a second of time, a tenth of an arcsecond; what is whole but for the last bit stays whole.
  const time = Math.floor((raDeg / 15) * 360_000 + 1e-6) % 8_640_000;
  const angle = Math.floor(Math.abs(decDeg) * 36_000 + 1e-6);
  const ra = sixties(Math.floor(time / 100)) + fraction(time % 100, 2);
  return `AstrID J${ra}${decDeg < 0 ? '-' : '+'}${sixties(Math.floor(angle / 10))}${fraction(angle % 10, 1)}`;
}

function sixties(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}

function fraction(value: number, digits: number): string {
  return `.${String(value).padStart(digits, '0')}`;
}

/**
 * Tell where an object lies by its name; `undefined` where it is none of ours.
 *
 * The middle of what the cut digits leave open: within 0.075 arcsec of right ascension and 0.05 of declination.
 */
export function placeOfName(name: string): { readonly raDeg: number; readonly decDeg: number } | undefined {
  const parts = /^AstrID J(\d\d)(\d\d)(\d\d\.\d\d)([+-])(\d\d)(\d\d)(\d\d\.\d)[a-z]*$/.exec(name);
  if (parts === null) return undefined;
  const [raDeg, decDeg] = [parts.slice(1, 4), parts.slice(5, 8)].map((sixty, isDec) => {
    const [whole, minutes, seconds] = sixty.map(Number) as [number, number, number];
    return whole + minutes / 60 + (seconds + (isDec === 1 ? 0.05 : 0.005)) / 3600;
  }) as [number, number];
  if (raDeg >= 24 || decDeg > 90.001) return undefined;
  return { raDeg: raDeg * 15, decDeg: Math.min(90, decDeg) * (parts[4] === '-' ? -1 : 1) };
}
