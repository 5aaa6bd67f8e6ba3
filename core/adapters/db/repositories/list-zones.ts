/** Height of the bands of declination in which objects are found again, degrees. */
const ZONE_DEG = 0.01;

/** The band of declination that a place lies in. */
export function zoneOf(decDeg: number): number {
  return Math.floor(decDeg / ZONE_DEG);
}

/** A stretch of right ascension in one band. */
export interface ZoneStretch {
  readonly zone: number;
  readonly fromDeg: number;
  readonly toDeg: number;
}

/** List where everything within reach of a place lies, and a little that is not. */
export function listZones(
  { raDeg, decDeg }: { readonly raDeg: number; readonly decDeg: number },
  reachDeg: number,
): readonly ZoneStretch[] {
  const cosine = Math.cos(((Math.abs(decDeg) + reachDeg) * Math.PI) / 180);
  // About a pole every right ascension is near.
  const width = cosine > reachDeg / 180 ? reachDeg / cosine : 180;
  const stretches: ZoneStretch[] = [];
  for (let zone = zoneOf(decDeg - reachDeg); zone <= zoneOf(decDeg + reachDeg); zone++)
    for (const turn of [-360, 0, 360]) {
      const [fromDeg, toDeg] = [raDeg - width + turn, raDeg + width + turn];
      if (toDeg >= 0 && fromDeg < 360) stretches.push({ zone, fromDeg, toDeg });
    }
  return stretches;
}
