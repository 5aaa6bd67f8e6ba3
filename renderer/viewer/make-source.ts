import { buildLevels } from './build-levels.ts';
import { measurePlane } from './measure-plane.ts';
import type { ImageSource } from './model.ts';

/** Make a source from pixels in memory; measured here and now, so for small images. */
export function makeSource(id: string, data: Float32Array, width: number, height: number): ImageSource {
  return {
    id,
    width,
    height,
    levels: buildLevels(data, width, height),
    statistics: measurePlane(data, width, height),
  };
}
