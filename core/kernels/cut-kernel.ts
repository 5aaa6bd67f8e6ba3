import { makeStamp, type Plane } from './plane.ts';

/**
 * Cut a kernel whose middle is a plane's first pixel, wrapped around, as an odd stamp of 2 reach + 1 px.
 *
 * @param from radius at which it begins to fade, px, smoothly to zero beyond `reach`; absent, it is cut as it is.
 * @throws RangeError for a plane that is smaller than the stamp.
 */
export function cutKernel({ width, height, data }: Plane, reach: number, from?: number): Plane {
  const side = 2 * reach + 1;
  if (side > Math.min(width, height))
    throw new RangeError(`A plane of ${width} x ${height} holds no kernel of ${side} px.`);
  const stamp = makeStamp(side, side);
  for (let j = -reach; j <= reach; j++) {
    const row = (j < 0 ? j + height : j) * width;
    const to = (j + reach) * side;
    stamp.data.set(data.subarray(row + width - reach, row + width), to);
    stamp.data.set(data.subarray(row, row + reach + 1), to + reach);
    if (from === undefined) continue;
    for (let i = -reach; i <= reach; i++) {
      const square = i * i + j * j;
      if (square > from * from) stamp.data[to + reach + i]! *= fade(Math.sqrt(square), from, reach + 1);
    }
  }
  return stamp;
}

/** Fall smoothly from one at `from` to zero at `to`. */
function fade(radius: number, from: number, to: number): number {
  return radius >= to ? 0 : 0.5 * (1 + Math.cos((Math.PI * (radius - from)) / (to - from)));
}
