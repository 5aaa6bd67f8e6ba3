/** A rectangle on the desktop, device-independent pixels. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a window was and how. */
export interface WindowState extends Partial<Bounds> {
  readonly width: number;
  readonly height: number;
  readonly isMaximized: boolean;
}

/** Smaller than this the screens do not fit. */
export const SMALLEST = { width: 960, height: 600 } as const;

const FIRST: WindowState = { width: 1440, height: 900, isMaximized: false };

/** How much of a window must be on a display for a person to get hold of it, px. */
const GRIP_PX = 64;

/**
 * Read where the window was from text that was written earlier; anything unreadable is as the first time.
 *
 * A window that would lie outside every display, because one was unplugged, is put where the system likes.
 */
export function readWindowState(text: string | undefined, displays: readonly Bounds[]): WindowState {
  const { x, y, width, height, isMaximized } = parse(text);
  if (!isSize(width) || !isSize(height)) return FIRST;
  const size = {
    width: Math.max(width, SMALLEST.width),
    height: Math.max(height, SMALLEST.height),
    isMaximized: isMaximized === true,
  };
  if (!Number.isInteger(x) || !Number.isInteger(y)) return size;
  const place = { x: x as number, y: y as number };
  const isReachable = displays.some(
    (display) =>
      place.x + size.width >= display.x + GRIP_PX &&
      place.x <= display.x + display.width - GRIP_PX &&
      place.y >= display.y &&
      place.y <= display.y + display.height - GRIP_PX,
  );
  return isReachable ? { ...place, ...size } : size;
}

function parse(text: string | undefined): Partial<Record<keyof WindowState, unknown>> {
  try {
    const state: unknown = JSON.parse(text ?? '{}');
    return typeof state === 'object' && state !== null ? state : {};
  } catch {
    return {};
  }
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 100_000;
}
