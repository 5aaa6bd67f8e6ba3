import { firstPlaceOf, type RegionGeometry } from '../../../core/api/contract/index.ts';
import { formatAngle, type ImageFrame } from './image-frame.ts';
import { describePixel } from './region-document.ts';

/** Write where a shape is, image coordinates counted from one. */
export function placeOfRegion(geometry: RegionGeometry): string {
  return describePixel(firstPlaceOf(geometry) ?? { x: Number.NaN, y: Number.NaN });
}

/** Write how large a shape is, in one or two numbers. */
export function sizeOfRegion(geometry: RegionGeometry, { pixelScaleArcsec }: ImageFrame): string {
  const write = (px: number): string =>
    pixelScaleArcsec === undefined ? `${px.toFixed(1)} px` : formatAngle(px * pixelScaleArcsec);
  switch (geometry.kind) {
    case 'circle':
    case 'compass':
      return write(geometry.radius);
    case 'ellipse':
    case 'box': {
      const { a, b } = geometry.axes.at(-1)!;
      return `${write(a)} × ${write(b)}`;
    }
    case 'annulus':
      return `${write(Math.min(...geometry.radii))} … ${write(Math.max(...geometry.radii))}`;
    case 'panda':
    case 'epanda':
    case 'bpanda':
      return write(geometry.outer.a);
    case 'polygon':
    case 'segment':
      return `${geometry.points.length} corners`;
    case 'line':
    case 'ruler':
    case 'projection':
      return write(Math.hypot(geometry.to.x - geometry.from.x, geometry.to.y - geometry.from.y));
    case 'vector':
      return write(geometry.length);
    case 'point':
    case 'text':
      return '';
  }
}
