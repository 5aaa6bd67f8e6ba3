import { useEffect, useRef } from 'react';
import type { Display, ImageSource, Limits } from './model.ts';
import { paintCutout } from './paint-cutout.ts';
import { resolveLimits } from './resolve-limits.ts';
import { useViewer } from './viewer-provider.tsx';

/** One image of a row of small images. */
export interface Cutout {
  readonly source: ImageSource;
  readonly display: Display;
  readonly limits?: Limits | undefined;
}

/**
 * A row of small images coloured by the processor: thumbnails, and triplets where there is no WebGL2.
 *
 * @param side of each image, CSS pixels; empty places keep their size.
 */
export function CutoutImage({
  cutouts,
  count,
  side,
  gap = 1,
}: {
  readonly cutouts: readonly Cutout[] | undefined;
  readonly count: number;
  readonly side: number;
  readonly gap?: number | undefined;
}) {
  const { colours } = useViewer();
  const element = useRef<HTMLCanvasElement>(null);
  const width = count * side + (count - 1) * gap;
  useEffect(() => {
    const canvas = element.current!;
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(side * ratio);
    const context = canvas.getContext('2d');
    if (context === null || cutouts === undefined) return;
    const size = { width: Math.round(side * ratio), height: Math.round(side * ratio) };
    cutouts.forEach(({ source, display, limits }, i) => {
      const colormap = colours.onlyRed ? 'red' : display.colormap;
      const range = limits ?? resolveLimits(display.limits, source.statistics);
      const painted = paintCutout(source, size, { ...display, colormap }, range, colours.notFinite);
      const at = Math.round(i * (side + gap) * ratio);
      context.putImageData(new ImageData(painted, size.width, size.height), at, 0);
    });
  }, [cutouts, width, side, gap, colours]);
  return <canvas ref={element} className="cutout-image" style={{ width, height: side }} />;
}
