import { type CSSProperties, useCallback, useState } from 'react';
import { CUTOUT_SIDE_PX } from '../../api/triplets.ts';

/** Room that the side needs beside the triplet, and the rows under it, CSS px. */
const LEAST_SIDE = 186;
const LEAST_BELOW = 250;
const MOST_ZOOM = 12;

/**
 * Fit the triplet: the largest whole zoom at which three cutouts and everything around them have room.
 *
 * @returns a ref for the frame, and how it is laid out.
 */
export function useFrame(): {
  readonly ref: (element: HTMLDivElement | null) => (() => void) | undefined;
  readonly zoom: number;
  readonly style: CSSProperties;
} {
  const [zoom, setZoom] = useState(6);
  const ref = useCallback((element: HTMLDivElement | null) => {
    if (element === null) return undefined;
    const resize = (): void => {
      const across = (element.clientWidth - LEAST_SIDE - 2) / 3;
      const down = element.clientHeight - LEAST_BELOW;
      setZoom(Math.max(3, Math.min(MOST_ZOOM, Math.floor(Math.min(across, down) / CUTOUT_SIDE_PX))));
    };
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    resize();
    return () => observer.disconnect();
  }, []);
  return { ref, zoom, style: { '--pane': `${zoom * CUTOUT_SIDE_PX}px` } as CSSProperties };
}
