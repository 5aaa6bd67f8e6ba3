import type { ElectronImage } from './render-source.ts';

/** The vanes that hold a telescope's secondary mirror, as far as they are seen. */
export interface SpikeRecipe {
  /** Part of a star's light that goes into all its spikes, 0 to 1; a per cent or two is usual. */
  readonly lightFraction: number;
  /** Spikes of a star: 4 for a cross of vanes, 6 for three of them. */
  readonly arms: number;
  /** Where a spike has half of its brightness in the middle, px: shorter for thicker vanes. */
  readonly halfLengthPx: number;
}

/** A star and what throws its spikes. */
interface Spiked {
  readonly x: number;
  readonly y: number;
  readonly fluxE: number;
}

/**
 * Draw the diffraction spikes of stars: as wide as the seeing, falling with the square of the distance.
 *
 * A vane diffracts across itself as a slit of its width does; over a broad band the zeros of that pattern wash out and its
 * envelope stays.
 *
 * @param angleRad of the first spike against x.
 * @param floorE spikes fainter than this on their ridge are not drawn, e- per px.
 */
export function drawSpikes(
  image: ElectronImage,
  stars: readonly Spiked[],
  { lightFraction, arms, halfLengthPx }: SpikeRecipe,
  angleRad: number,
  fwhmPx: number,
  beta: number,
  floorE: number,
): void {
  const alpha = fwhmPx / (2 * Math.sqrt(2 ** (1 / beta) - 1));
  const reach = Math.ceil(4 * fwhmPx);
  const across = (distance: number): number => (1 + (distance / alpha) ** 2) ** (0.5 - beta);
  let whole = 0;
  for (let distance = -reach; distance <= reach; distance += 1 / 8) whole += across(distance) / 8;
  for (const { x, y, fluxE } of stars) {
    // Of one electron per px of length at the middle, over the length of an arm.
    const middle = (lightFraction * fluxE) / (arms * (Math.PI / 2) * halfLengthPx);
    const ridge = middle / whole;
    if (ridge <= floorE) continue;
    const length = halfLengthPx * Math.sqrt(ridge / floorE - 1);
    for (let arm = 0; arm < arms; arm++) {
      const angle = angleRad + (2 * Math.PI * arm) / arms;
      drawArm(image, x, y, angle, length, reach, (along, aside) => {
        return (ridge * across(aside)) / (1 + (along / halfLengthPx) ** 2);
      });
    }
  }
}

/** Add one arm to the pixels within reach of it, from the star outwards. */
function drawArm(
  { width, height, data }: ElectronImage,
  x: number,
  y: number,
  angle: number,
  length: number,
  reach: number,
  light: (along: number, aside: number) => number,
): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [xEnd, yEnd] = [x + length * cos, y + length * sin];
  const last = Math.min(height - 1, Math.ceil(Math.max(y, yEnd) + reach));
  for (let row = Math.max(0, Math.floor(Math.min(y, yEnd) - reach)); row <= last; row++) {
    const right = Math.min(width - 1, Math.ceil(Math.max(x, xEnd) + reach));
    for (let column = Math.max(0, Math.floor(Math.min(x, xEnd) - reach)); column <= right; column++) {
      const along = (column - x) * cos + (row - y) * sin;
      const aside = (row - y) * cos - (column - x) * sin;
      if (along < 0 || along > length || Math.abs(aside) > reach) continue;
      data[row * width + column]! += light(along, aside);
    }
  }
}
