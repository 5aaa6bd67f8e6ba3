import type { Plane } from '../../kernels/index.ts';

/** Where position `i` of a line of `length` lies when the line goes on as its own mirror image; the ends are single. */
function reflect(i: number, length: number): number {
  const last = length - 1;
  if (last === 0) return 0;
  const turn = ((i % (2 * last)) + 2 * last) % (2 * last);
  return turn > last ? 2 * last - turn : turn;
}

/** Fill a frame of `margin` pixels around some numbers with their mirror image. */
function fillReflected(
  from: Float32Array | Uint8Array,
  width: number,
  height: number,
  margin: number,
  to: Float32Array | Uint8Array,
): void {
  const outWidth = width + 2 * margin;
  const columns = Int32Array.from({ length: margin }, (_, k) => reflect(k - margin, width));
  const ends = Int32Array.from({ length: margin }, (_, k) => reflect(width + k, width));
  for (let y = -margin; y < height + margin; y++) {
    const source = reflect(y, height) * width;
    const start = (y + margin) * outWidth;
    to.set(from.subarray(source, source + width), start + margin);
    for (let k = 0; k < margin; k++) {
      to[start + k] = from[source + columns[k]!]!;
      to[start + margin + width + k] = from[source + ends[k]!]!;
    }
  }
}

/**
 * Copy an image that goes on beyond its edges as in a mirror, so that filters have something to see there.
 *
 * @param pedestal is added to every pixel.
 * @param out larger by the margin on all sides.
 */
export function reflectPlane(
  { width, height, data }: Plane,
  margin: number,
  pedestal: number,
  out: Plane,
): Plane {
  fillReflected(data, width, height, margin, out.data);
  const filled = out.data;
  if (pedestal !== 0) for (let i = 0; i < filled.length; i++) filled[i]! += pedestal;
  return out;
}

/** The same for marks of pixels. */
export function reflectMarks(
  marks: Uint8Array,
  width: number,
  height: number,
  margin: number,
  out: Uint8Array,
): Uint8Array {
  fillReflected(marks, width, height, margin, out);
  return out;
}

/** Copy what is inside the frame, (width, height), into `to`. */
export function copyInside(
  from: Float32Array | Uint8Array,
  width: number,
  height: number,
  margin: number,
  to: Float32Array | Uint8Array,
): void {
  const outWidth = width + 2 * margin;
  for (let y = 0; y < height; y++) {
    const start = (y + margin) * outWidth + margin;
    to.set(from.subarray(start, start + width), y * width);
  }
}
