import type { SkyLattice } from '../observations/index.ts';
import type { Cone } from './model.ts';
import { separationArcsec } from './objects/index.ts';

/** The circle on the sky that covers an image, from places spread over it. */
export function circleLattice({ columns, rows, raDeg, decDeg }: SkyLattice): Cone {
  const middle = Math.floor(rows / 2) * columns + Math.floor(columns / 2);
  const centre = { raDeg: raDeg[middle]!, decDeg: decDeg[middle]! };
  let farthest = 0;
  for (let k = 0; k < raDeg.length; k++)
    farthest = Math.max(farthest, separationArcsec(centre, { raDeg: raDeg[k]!, decDeg: decDeg[k]! }));
  return { ...centre, radiusDeg: farthest / 3600 };
}
