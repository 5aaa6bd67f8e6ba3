/** One image of make-zscale.py and the limits it got. */
export interface ZscaleCase {
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  readonly stars: number;
  readonly nanBox: boolean;
  readonly samples: number;
  readonly lo: number;
  readonly hi: number;
  readonly astropy: readonly [number, number];
}

/** The images of tests/golden/make-zscale.py, by the same integer arithmetic. */
export function makeZscaleImage({ width, height, seed, stars, nanBox }: ZscaleCase): Float32Array {
  const image = new Float32Array(width * height);
  const sky = new Float64Array(width * height);
  for (let i = 0; i < sky.length; i++) {
    let total = 0;
    for (let k = 0; k < 12; k++) {
      let z = Math.imul((i * 12 + seed + k) >>> 0, 2654435761) >>> 0;
      z = Math.imul(z ^ (z >>> 15), 739982445) >>> 0;
      total += ((z ^ (z >>> 13)) >>> 0) / 2 ** 32;
    }
    sky[i] = 1000 + 41 * (total - 6);
  }
  for (let star = 0; star < stars; star++) {
    const x = (star * 7919 + seed) % width;
    const y = (star * 104729 + seed) % height;
    for (let dy = -30; dy <= 30; dy++) {
      for (let dx = -30; dx <= 30; dx++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const at = (y + dy) * width + x + dx;
        sky[at] = sky[at]! + (20000 / (star + 1)) * Math.exp(-(dx * dx + dy * dy) / 8);
      }
    }
  }
  image.set(sky);
  if (nanBox)
    for (let y = 0; y < Math.floor(height / 4); y++)
      image.fill(Number.NaN, y * width, y * width + Math.floor(width / 3));
  return image;
}
