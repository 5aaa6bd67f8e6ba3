import { type CSSProperties, useCallback, useState } from 'react';
import { CUTOUT_SIDE_PX } from '../../api/triplets.ts';

/** Room that the rows under the triplet need, and those of them that hold the verdicts, CSS px. */
const LEAST_BELOW = 216;
const VERDICTS = 66;
/** Of the height, at least, where everything is drawn so large that the rows have no room: they are scrolled to. */
const LEAST_SHARE = 0.5;
const MOST_ZOOM = 16;
/** Sides of the image of the surroundings, CSS px. */
const AROUND = { least: 150, most: 560 };

/**
 * Fit the triplet: the largest whole zoom at which three cutouts and everything around them have room.
 *
 * @returns a ref for the frame, device pixels for each pixel, and how it is laid out.
 */
export function useFrame(): {
  readonly ref: (element: HTMLDivElement | null) => (() => void) | undefined;
  readonly zoom: number;
  readonly style: CSSProperties;
} {
  const [{ zoom, pane, around }, setFrame] = useState({ zoom: 6, pane: 378, around: AROUND.least });
  const ref = useCallback((element: HTMLDivElement | null) => {
    if (element === null) return undefined;
    const resize = (): void => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0) return;
      // Device pixels for each CSS pixel: the window's, and how large everything is drawn.
      const ratio = (element.getBoundingClientRect().width / clientWidth) * window.devicePixelRatio;
      const across = (clientWidth - 2) / 3;
      const down = Math.max(clientHeight - LEAST_BELOW, LEAST_SHARE * clientHeight);
      const fits = Math.floor((Math.min(across, down) * ratio) / CUTOUT_SIDE_PX);
      const whole = Math.max(3, Math.min(MOST_ZOOM * Math.ceil(ratio), fits));
      const side = (whole * CUTOUT_SIDE_PX) / ratio;
      const left = Math.max(AROUND.least, Math.min(AROUND.most, clientHeight - side - VERDICTS));
      setFrame((was) =>
        was.zoom === whole && was.pane === side && was.around === left
          ? was
          : { zoom: whole, pane: side, around: left },
      );
    };
    const observer = new ResizeObserver(resize);
    observer.observe(element);
    resize();
    return () => observer.disconnect();
  }, []);
  const style = { '--pane': `${pane}px`, '--around': `${around}px` } as CSSProperties;
  return { ref, zoom, style };
}
