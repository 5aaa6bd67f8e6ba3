import { type RefObject, useEffect, useState } from 'react';
import type { Size } from '../viewer/index.ts';

/** The size of an element, CSS pixels; `undefined` until it is in the page. */
export function useSurfaceSize(surface: RefObject<HTMLElement | null>): Size | undefined {
  const [size, setSize] = useState<Size>();
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [surface]);
  return size;
}
