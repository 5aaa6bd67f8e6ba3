import type { PixelMap, Source } from '../model.ts';
import { mapWithSlopes, unmapPixels } from './map-pixels.ts';
import type { GridSize } from './plan-resampling.ts';

/** Carry the template's sources to the science grid, those that lie on it: places, sizes and angles; fluxes stay. */
export function moveSources(
  sources: readonly Source[],
  map: PixelMap,
  { width, height }: GridSize,
): readonly Source[] {
  const places = unmapPixels(
    map,
    Float64Array.from(sources, ({ xPx }) => xPx),
    Float64Array.from(sources, ({ yPx }) => yPx),
    { xPx: (width - 1) / 2, yPx: (height - 1) / 2 },
  );
  // False of what has no place, which is no number.
  const inside = Array.from(sources.keys()).filter(
    (k) =>
      places.x[k]! > -0.5 && places.y[k]! > -0.5 && places.x[k]! < width - 0.5 && places.y[k]! < height - 0.5,
  );
  const x = Float64Array.from(inside, (k) => places.x[k]!);
  const y = Float64Array.from(inside, (k) => places.y[k]!);
  const { slopes } = mapWithSlopes(map, x, y);
  return inside.map((k, i) => {
    const source = sources[k]!;
    const [a, b, c, d] = slopes(i);
    const determinant = a * d - b * c;
    const scale = Math.sqrt(Math.abs(determinant));
    const [cosine, sine] = [Math.cos(source.thetaRad), Math.sin(source.thetaRad)];
    const theta = Math.atan2((a * sine - c * cosine) / determinant, (d * cosine - b * sine) / determinant);
    return {
      ...source,
      xPx: x[i]!,
      yPx: y[i]!,
      peakE: source.peakE * scale * scale,
      aPx: source.aPx / scale,
      bPx: source.bPx / scale,
      // An axis has no sense: kept in (-pi/2, pi/2].
      thetaRad: theta > Math.PI / 2 ? theta - Math.PI : theta <= -Math.PI / 2 ? theta + Math.PI : theta,
      fwhmPx: source.fwhmPx / scale,
      halfLightRadiusPx: source.halfLightRadiusPx / scale,
      areaPx: source.areaPx / (scale * scale),
    };
  });
}
