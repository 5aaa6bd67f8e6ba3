import type { OverlayView } from './pen.ts';

/**
 * Draw a pane as it is seen, with everything that lies over it, into a picture.
 *
 * @param pane the element of the pane; its canvases are drawn in the order in which they lie.
 * @param behind the one canvas on which images are drawn.
 */
export function drawPane(
  pane: HTMLElement,
  behind: HTMLCanvasElement,
  captions: readonly string[],
): HTMLCanvasElement {
  const ratio = window.devicePixelRatio;
  const [box, ground] = [pane.getBoundingClientRect(), behind.getBoundingClientRect()];
  const picture = document.createElement('canvas');
  picture.width = Math.round(box.width * ratio);
  picture.height = Math.round(box.height * ratio);
  const context = picture.getContext('2d')!;
  context.drawImage(
    behind,
    Math.round((box.left - ground.left) * ratio),
    Math.round((box.top - ground.top) * ratio),
    picture.width,
    picture.height,
    0,
    0,
    picture.width,
    picture.height,
  );
  for (const canvas of pane.querySelectorAll('canvas')) context.drawImage(canvas, 0, 0);
  drawCaptions(context, captions, ratio);
  return picture;
}

function drawCaptions(
  context: CanvasRenderingContext2D,
  captions: readonly string[],
  ratio: OverlayView['ratio'],
): void {
  const size = 12 * ratio;
  context.font = `${size}px "JetBrains Mono", ui-monospace, monospace`;
  context.textBaseline = 'top';
  const words = captions.filter((caption) => caption !== '').join('   ');
  context.fillStyle = 'rgba(0, 0, 0, 0.62)';
  context.fillRect(0, 0, context.measureText(words).width + 16 * ratio, size * 1.6);
  context.fillStyle = '#d7dde5';
  context.fillText(words, 8 * ratio, size * 0.3);
}

/** Encode a picture as PNG. */
export function encodePng(picture: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    picture.toBlob((blob) => {
      if (blob === null) reject(new Error('The picture could not be encoded.'));
      else resolve(blob);
    }, 'image/png');
  });
}
