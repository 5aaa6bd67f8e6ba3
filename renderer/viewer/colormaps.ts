import type { Colormap } from './model.ts';

/** Colours in one map. */
export const COLORMAP_SIZE = 256;

type Rgb = readonly [number, number, number];

/** Ten points of viridis and of cividis, evenly spaced, sRGB; both are perceptually uniform and safe for the colour-blind. */
const VIRIDIS = '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725';
const CIVIDIS = '00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838';

/** Blue for less, near black for nothing, amber for more: equal steps in lightness on both sides. */
const DIVERGING = 'a8e1ff 4cb4f0 1f7cb8 15496d 10141a 6b4310 b3701a eca63c ffe2b0';

/**
 * Make the colours of a map: `COLORMAP_SIZE` times red, green, blue, alpha.
 *
 * `red` uses the red of the screen alone, so that it does not spoil eyes that are used to the dark.
 */
export function makeColormap(name: Colormap): Uint8Array {
  const colours = new Uint8Array(COLORMAP_SIZE * 4);
  for (let i = 0; i < COLORMAP_SIZE; i++) {
    const [red, green, blue] = colourAt(name, i / (COLORMAP_SIZE - 1));
    colours.set([Math.round(red), Math.round(green), Math.round(blue), 255], i * 4);
  }
  return colours;
}

function colourAt(name: Colormap, at: number): Rgb {
  switch (name) {
    case 'grey':
      return [at * 255, at * 255, at * 255];
    case 'red':
      return [at * 255, 0, 0];
    case 'heat':
      return [255 * Math.min(1, at / 0.34), 255 * at, 255 * Math.min(1, Math.max(0, (at - 0.65) / 0.33))];
    case 'viridis':
      return between(parse(VIRIDIS), at);
    case 'cividis':
      return between(parse(CIVIDIS), at);
    case 'diverging':
      return between(parse(DIVERGING), at);
  }
}

function parse(hexColours: string): Rgb[] {
  return hexColours.split(' ').map((hex) => {
    const value = Number.parseInt(hex, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  });
}

function between(stops: readonly Rgb[], at: number): Rgb {
  const place = at * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(place));
  const fraction = place - index;
  const [from, to] = [stops[index]!, stops[index + 1]!];
  return [0, 1, 2].map((k) => from[k]! + (to[k]! - from[k]!) * fraction) as unknown as Rgb;
}
