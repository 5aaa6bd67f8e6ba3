import { useEffect, useRef } from 'react';
import { COLORMAP_SIZE, makeColormap } from './colormaps.ts';
import type { Colormap } from './model.ts';
import { useViewer } from './viewer-provider.tsx';

/** A strip of a colour map, as the image will have it. */
export function ColormapSample({ name }: { readonly name: Colormap }) {
  const { colours } = useViewer();
  const element = useRef<HTMLCanvasElement>(null);
  const shown = colours.onlyRed ? 'red' : name;
  useEffect(() => {
    const context = element.current!.getContext('2d');
    const pixels = new Uint8ClampedArray(makeColormap(shown));
    context?.putImageData(new ImageData(pixels, COLORMAP_SIZE, 1), 0, 0);
  }, [shown]);
  return <canvas className="swatch" ref={element} width={COLORMAP_SIZE} height={1} />;
}
