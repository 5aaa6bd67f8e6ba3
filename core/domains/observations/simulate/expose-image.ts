import type { Plane } from '../../../kernels/index.ts';
import { makePlane } from '../../../kernels/index.ts';
import type { Random } from '../../../utils/random.ts';
import type { CameraRecipe } from './model.ts';
import type { ElectronImage } from './render-source.ts';

/** Sky brightness of a camera's image at a pixel, e-: a plane and a bowl about the mean. */
export function makeSkyLevel(
  camera: CameraRecipe,
  sizePx: number,
  random: Random,
): (xPx: number, yPx: number) => number {
  const angle = 2 * Math.PI * random.uniform();
  const slopeX = camera.skyE * camera.skyGradient * 0.6 * Math.cos(angle);
  const slopeY = camera.skyE * camera.skyGradient * 0.6 * Math.sin(angle);
  const bowl = camera.skyE * camera.skyGradient * 0.4;
  const scale = 2 / (sizePx - 1);
  return (xPx, yPx) => {
    const u = xPx * scale - 1;
    const v = yPx * scale - 1;
    return camera.skyE + slopeX * u + slopeY * v + bowl * 0.5 * (u * u + v * v - 2 / 3);
  };
}

/** Count photons: replace expected electrons by Poisson deviates with read noise; NaN (dead) stays. */
export function countPhotons(image: ElectronImage, readNoiseE: number, random: Random): void {
  const { data } = image;
  const readVariance = readNoiseE * readNoiseE;
  for (let i = 0; i < data.length; i++) {
    const mean = data[i]!;
    if (mean > 50) {
      // Normal with Poisson's skewness (Cornish-Fisher), so that 5 sigma tails are right at this sky.
      const z = random.normal();
      data[i] = mean + Math.sqrt(mean + readVariance) * z + (z * z - 1) / 6;
    } else if (mean <= 50) {
      data[i] = random.poisson(mean) + readNoiseE * random.normal();
    }
  }
}

/** Read the detector out: full pixels clip, electrons become whole ADU in 0..65535, dead pixels read 0. */
export function readOut(image: ElectronImage, camera: CameraRecipe): Plane {
  const pixels = makePlane(image.width, image.height);
  const inverseGain = 1 / camera.gainEPerAdu;
  for (let i = 0; i < pixels.data.length; i++) {
    const electrons = Math.min(image.data[i]!, camera.fullWellE);
    const adu = Math.round(electrons * inverseGain);
    pixels.data[i] = adu > 0 ? Math.min(adu, 65535) : 0;
  }
  return pixels;
}
