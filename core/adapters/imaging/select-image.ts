import { AstridError } from '../../utils/errors.ts';
import type { HduKind, HduSelector, PixelRegion } from './model.ts';
import type { ByteSource } from './read-bytes.ts';
import type { Hdu, HduWalk } from './walk-hdus.ts';

/** An image HDU seen as planes of two axes, those of length one being dropped. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  readonly planes: number;
}

/** See an image's axes as planes; `undefined` if it has no pixels. One axis counts as one row. */
export function layoutOf(hdu: Hdu): ImageLayout | undefined {
  const { kind, shape } = hdu.summary;
  if (!isImage(kind) || shape.length === 0 || shape.includes(0)) return undefined;
  const axes = shape.toReversed();
  for (let n = axes.length - 1; n >= 0 && axes.length > 2; n--) if (axes[n] === 1) axes.splice(n, 1);
  const [width = 1, height = 1, ...rest] = axes;
  return { width, height, planes: rest.reduce((product, axis) => product * axis, 1) };
}

/** Tell whether an HDU holds an image, compressed or not. */
function isImage(kind: HduKind): boolean {
  return kind === 'image' || kind === 'compressed-image';
}

/** An image HDU with its layout. */
export interface SelectedImage {
  readonly hdu: Hdu;
  readonly layout: ImageLayout;
}

/**
 * Find the image to read: the named one, else the first with two axes (with `plane`, else the first cube).
 *
 * @throws observations/no-image, observations/cube, observations/no-such-hdu
 */
export async function selectImage(
  source: ByteSource,
  walk: HduWalk,
  selector: HduSelector | undefined,
  wantsPlane: boolean,
): Promise<SelectedImage> {
  if (selector !== undefined) {
    const hdu = await walk.select(selector);
    const layout = layoutOf(hdu);
    if (layout === undefined) throw noImage(source, [hdu]);
    return { hdu, layout };
  }
  let cube: SelectedImage | undefined;
  const seen: Hdu[] = [];
  for (let index = 0; ; index++) {
    const hdu = await walk.at(index);
    if (hdu === undefined) break;
    seen.push(hdu);
    const layout = layoutOf(hdu);
    if (layout === undefined) continue;
    if (layout.planes > 1) cube ??= { hdu, layout };
    else if (hdu.summary.shape.length > 1) return { hdu, layout };
  }
  if (cube !== undefined) {
    if (wantsPlane) return cube;
    throw cubeError(source, cube);
  }
  throw noImage(source, seen);
}

/** The error for an image with more planes than one where one was wanted. */
export function cubeError(source: ByteSource, { hdu, layout }: SelectedImage): AstridError {
  const { index, shape } = hdu.summary;
  return new AstridError(
    'observations/cube',
    `${source.name}, HDU ${index} is a cube of ${layout.planes} planes (${shape.join(' x ')}), not one image. ` +
      `Choose a plane from 0 to ${layout.planes - 1}.`,
    { path: source.name, hdu: index, shape, planes: layout.planes },
  );
}

const kindWords: Record<HduKind, string> = {
  image: 'an image without pixels',
  'compressed-image': 'a compressed image without pixels',
  bintable: 'a table',
  'ascii-table': 'a table',
  'random-groups': 'random groups (interferometer visibilities)',
  unknown: 'of a kind that FITS does not name',
};

function noImage(source: ByteSource, hdus: readonly Hdu[]): AstridError {
  const list = hdus.map((hdu) => {
    const { index, kind, shape } = hdu.summary;
    return `HDU ${index} is ${layoutOf(hdu) === undefined ? kindWords[kind] : `a row of ${shape.join(' x ')} pixels`}`;
  });
  return new AstridError(
    'observations/no-image',
    `${source.name} has no two-dimensional image to read: ${list.join('; ')}. Choose another file or HDU.`,
    { path: source.name, hdus: hdus.map(({ summary }) => summary.kind) },
  );
}

/** Check that a region lies in an image. @throws observations/region-outside */
export function checkRegion(source: ByteSource, { hdu, layout }: SelectedImage, region: PixelRegion): void {
  const { x, y, width, height } = region;
  const isWhole = [x, y, width, height].every(Number.isInteger);
  if (
    isWhole &&
    x >= 0 &&
    y >= 0 &&
    width > 0 &&
    height > 0 &&
    x + width <= layout.width &&
    y + height <= layout.height
  ) {
    return;
  }
  throw new AstridError(
    'observations/region-outside',
    `${source.name}, HDU ${hdu.summary.index}: the region x ${x}, y ${y}, ${width} x ${height} is not inside the image ` +
      `of ${layout.width} x ${layout.height} pixels.`,
    { path: source.name, hdu: hdu.summary.index, region, width: layout.width, height: layout.height },
  );
}
