import { encode } from 'fast-png';
import { AstridError } from '../../utils/errors.ts';

/**
 * Encode a picture as PNG.
 *
 * @param rgba four bytes a pixel, the top row first, `width * height * 4` in all.
 * @throws observations/bad-image if the bytes do not fill the picture.
 */
export function encodePng(width: number, height: number, rgba: Uint8Array | Uint8ClampedArray): Uint8Array {
  if (!(width > 0 && height > 0) || rgba.length !== width * height * 4) {
    throw new AstridError(
      'observations/bad-image',
      `A picture of ${width} x ${height} pixels cannot be made of ${rgba.length} bytes; it takes ${width * height * 4}.`,
      { width, height, bytes: rgba.length },
    );
  }
  return encode({ width, height, data: rgba, channels: 4, depth: 8 });
}
