import { useLayoutEffect, useState } from 'react';
import { nameOfChord } from '../ui/key-cap.tsx';

interface Cap {
  readonly chord: string;
  readonly x: number;
  readonly y: number;
}

/** The keys of everything on screen, on top of it: as long as the key that asks for them is held. */
export function KeyOverlay() {
  const [caps, setCaps] = useState<readonly Cap[]>([]);
  useLayoutEffect(() => {
    // Lengths on screen are zoomed, those that are set are not yet.
    const scale = Number(document.documentElement.style.getPropertyValue('zoom') || 1);
    const shown = [...document.querySelectorAll<HTMLElement>('[aria-keyshortcuts]')].flatMap((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      if (width === 0 || height === 0 || element.matches(':disabled')) return [];
      const chord = element.getAttribute('aria-keyshortcuts')!;
      // A cap near the left edge is not cut off by it.
      const x = Math.max((left + width / 2) / scale, 5 + 4 * nameOfChord(chord).length);
      return [{ chord, x, y: (top + height / 2) / scale }];
    });
    setCaps(shown);
  }, []);
  return (
    <div className="key-overlay" aria-hidden="true">
      {caps.map(({ chord, x, y }) => (
        <kbd key={`${chord} ${x} ${y}`} style={{ left: x, top: y }}>
          {nameOfChord(chord)}
        </kbd>
      ))}
    </div>
  );
}
