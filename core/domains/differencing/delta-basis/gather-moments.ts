import type { Stamp } from '../kernel-matching/cut-stamps.ts';
import type { StampMoments } from '../kernel-matching/solve-kernel.ts';
import { pixelOrder } from './make-delta-basis.ts';

/**
 * Take the scalar products of all shifted copies of one star with each other, with one and with the other image.
 *
 * Two copies shifted by a and b meet in the product of the image with itself at lag b - a, summed over a window
 * that lies at a: a summed-area table for each lag gives all products of that lag at four look-ups each.
 *
 * @returns products in the functions of `makeDeltaBasis`: the middle pixel, then all others minus the middle one.
 */
export function gatherMoments(stamp: Stamp, stampHalf: number, half: number): StampMoments {
  const size = 2 * half + 1;
  const pixels = size * size;
  const plain = multiplyShifted(stamp.sharp, stampHalf, half);
  const { ones, targets, targetSum, targetPower } = multiplyWithTarget(stamp, stampHalf, half);
  const order = pixelOrder(size);
  const middle = order[0];
  const count = pixels + 2;
  const products = new Float64Array(count * count);
  const corner = plain[middle * pixels + middle];
  for (let i = 0; i < pixels; i++) {
    const a = order[i];
    for (let j = 0; j <= i; j++) {
      const b = order[j];
      let value = plain[a * pixels + b];
      if (i > 0) value -= plain[middle * pixels + b];
      if (j > 0) value -= plain[a * pixels + middle];
      if (i > 0 && j > 0) value += corner;
      products[i * count + j] = value;
      products[j * count + i] = value;
    }
    const one = ones[a] - (i > 0 ? ones[middle] : 0);
    const target = targets[a] - (i > 0 ? targets[middle] : 0);
    products[i * count + pixels] = one;
    products[pixels * count + i] = one;
    products[i * count + pixels + 1] = target;
    products[(pixels + 1) * count + i] = target;
  }
  products[pixels * count + pixels] = (2 * stampHalf + 1) ** 2;
  products[pixels * count + pixels + 1] = targetSum;
  products[(pixels + 1) * count + pixels] = targetSum;
  products[(pixels + 1) * count + pixels + 1] = targetPower;
  return { x: stamp.x, y: stamp.y, products, weight: 1 / stamp.noise };
}

/** Products of the image shifted by each pixel of the kernel with itself shifted by each other, (pixels, pixels). */
function multiplyShifted(image: Float64Array, stampHalf: number, half: number): Float64Array {
  const size = 2 * half + 1;
  const pixels = size * size;
  const wide = 2 * (stampHalf + half) + 1;
  const side = 2 * stampHalf + 1;
  const pitch = wide + 1;
  const plain = new Float64Array(pixels * pixels);
  const table = new Float64Array(pitch * pitch);
  for (let dy = 0; dy < size; dy++) {
    for (let dx = dy === 0 ? 0 : 1 - size; dx < size; dx++) {
      // table(x, y) = sum over u < x, v < y of image(u, v) image(u - dx, v - dy).
      const firstX = Math.max(0, dx);
      const lastX = Math.min(wide, wide + dx);
      table.fill(0, 0, pitch * (dy + 1));
      for (let v = dy; v < wide; v++) {
        let sum = 0;
        const above = v * pitch;
        const here = above + pitch;
        for (let u = 0; u <= firstX; u++) table[here + u] = 0;
        for (let u = firstX; u < lastX; u++) {
          sum += image[v * wide + u] * image[(v - dy) * wide + u - dx];
          table[here + u + 1] = table[above + u + 1] + sum;
        }
      }
      // Shifts a and a + (dx, dy), both within the kernel; the window of shift a begins at half - a.
      for (let ay = -half; ay + dy <= half; ay++) {
        const top = (half - ay) * pitch;
        const bottom = top + side * pitch;
        for (let ax = Math.max(-half, -half - dx); ax <= Math.min(half, half - dx); ax++) {
          const left = half - ax;
          const right = left + side;
          const value = table[bottom + right] - table[bottom + left] - table[top + right] + table[top + left];
          const a = (ay + half) * size + ax + half;
          const b = a + dy * size + dx;
          plain[a * pixels + b] = value;
          plain[b * pixels + a] = value;
        }
      }
    }
  }
  return plain;
}

function multiplyWithTarget({ sharp, broad }: Stamp, stampHalf: number, half: number) {
  const size = 2 * half + 1;
  const wide = 2 * (stampHalf + half) + 1;
  const side = 2 * stampHalf + 1;
  const ones = new Float64Array(size * size);
  const targets = new Float64Array(size * size);
  for (let ay = -half; ay <= half; ay++) {
    for (let ax = -half; ax <= half; ax++) {
      let one = 0;
      let target = 0;
      for (let j = 0; j < side; j++) {
        const from = (half - ay + j) * wide + half - ax;
        for (let i = 0; i < side; i++) {
          const value = sharp[from + i];
          one += value;
          target += value * broad[j * side + i];
        }
      }
      const a = (ay + half) * size + ax + half;
      ones[a] = one;
      targets[a] = target;
    }
  }
  let targetSum = 0;
  let targetPower = 0;
  for (const value of broad) {
    targetSum += value;
    targetPower += value * value;
  }
  return { ones, targets, targetSum, targetPower };
}
