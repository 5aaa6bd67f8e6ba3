import { type LanczosWeights, lanczosWeights, type ResampleMesh } from '../../../kernels/index.ts';

/** What interpolation does to white noise, averaged over where pixels fall between pixels. */
export interface NoiseCorrelation {
  /** Noise of one output pixel over that of white noise of the same strength on large scales, <= 1. */
  readonly factor: number;
  /** Variance of a binned pixel over the sum of its parts' variances; 1 without binning. */
  readonly binnedVariance: number;
}

/** Phases that are averaged over, when there are more nodes than this. */
const MOST_NODES = 1024;

/**
 * Compute the noise of a Lanczos-3 resampled image, from the weights alone.
 *
 * An output pixel is J sum(w f) with weights of sum one, so its variance is J^2 sum(w^2) of an input pixel's; on large
 * scales noise grows by J only. The factor is sqrt(J sum(w^2)), averaged over the nodes' phases: about 0.89 where
 * all phases occur, 1 on the pixels themselves. Binned output pixels sum parts that share input pixels: their
 * weights are added before they are squared.
 *
 * @param bins parts of an output pixel along each axis; the mesh is that of the parts.
 */
export function measureNoiseCorrelation(
  mesh: ResampleMesh,
  bins: number,
  kind: LanczosWeights,
): NoiseCorrelation {
  const { columns, rows, stepPx, x, y } = mesh;
  const stride = Math.max(1, Math.floor((columns * rows) / MOST_NODES));
  let [factors, variances, count] = [0, 0, 0];
  for (let k = 0; k + columns + 1 < x.length; k += stride) {
    const [dxByX, dyByX] = [(x[k + 1]! - x[k]!) / stepPx, (y[k + 1]! - y[k]!) / stepPx];
    const [dxByY, dyByY] = [(x[k + columns]! - x[k]!) / stepPx, (y[k + columns]! - y[k]!) / stepPx];
    const jacobian = Math.abs(dxByX * dyByY - dxByY * dyByX);
    if (!Number.isFinite(jacobian) || k % columns === columns - 1) continue;
    const binned = new Map<number, number>();
    let parts = 0;
    for (let j = 0; j < bins; j++)
      for (let i = 0; i < bins; i++) {
        const wx = windowAt(x[k]! + i * dxByX + j * dxByY, kind);
        const wy = windowAt(y[k]! + i * dyByX + j * dyByY, kind);
        for (let b = 0; b < 6; b++)
          for (let a = 0; a < 6; a++) {
            const weight = wx.weights[a]! * wy.weights[b]!;
            parts += weight * weight;
            // One part shares its pixels with no other.
            if (bins === 1) continue;
            const key = (wy.first + b) * 1e6 + wx.first + a;
            binned.set(key, (binned.get(key) ?? 0) + weight);
          }
      }
    let whole = bins === 1 ? parts : 0;
    for (const weight of binned.values()) whole += weight * weight;
    factors += Math.sqrt((jacobian * whole) / (bins * bins));
    variances += whole / parts;
    count++;
  }
  return count === 0
    ? { factor: 1, binnedVariance: 1 }
    : { factor: Math.min(1, factors / count), binnedVariance: variances / count };
}

/** The window around a coordinate: its first pixel, and the six weights. */
function windowAt(at: number, kind: LanczosWeights): { first: number; weights: readonly number[] } {
  const floor = Math.floor(at);
  return { first: floor - 2, weights: lanczosWeights(at - floor, kind) };
}
