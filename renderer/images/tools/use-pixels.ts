import { useEffect, useRef, useState } from 'react';
import {
  clipBounds,
  type ImageSource,
  type PixelBounds,
  type PixelBox,
  readBox,
} from '../../viewer/index.ts';

/** Largest rectangle that a panel reads at once, pixels: 16 MiB. */
export const MOST_PIXELS = 2 ** 22;

/** Pixels of a part of an image for a panel. */
export type PixelsState<Subject> =
  | Unread
  /** `of` is what these pixels were read for: it may be what was wanted before. */
  | { readonly kind: 'ready'; readonly box: PixelBox; readonly of: Subject };

type Unread =
  | { readonly kind: 'none' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'too-many'; readonly pixels: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Pixels as they came, and where they are from. */
interface Read {
  readonly kind: 'ready';
  readonly box: PixelBox;
  readonly sourceId: string;
  readonly key: string;
}

/**
 * Read a part of an image and keep it until another is wanted.
 *
 * What was read stays until the next has arrived, so that a panel does not flicker while a region is dragged; with it
 * stays what it was read for, as pixels say nothing of a region that reaches beyond them.
 *
 * @param subject what is to be measured on the pixels; it lies within `bounds`.
 */
export function usePixels<Subject>(
  source: ImageSource | undefined,
  bounds: PixelBounds | undefined,
  subject: Subject,
): PixelsState<Subject> {
  const [state, setState] = useState<Unread | Read>({ kind: 'none' });
  const clipped = source && bounds && clipBounds(bounds, source);
  const key = clipped && `${clipped.left} ${clipped.bottom} ${clipped.right} ${clipped.top}`;
  useEffect(() => {
    if (source === undefined || key === undefined) {
      setState({ kind: 'none' });
      return;
    }
    const [left, bottom, right, top] = key.split(' ').map(Number) as [number, number, number, number];
    const pixels = (right - left + 1) * (top - bottom + 1);
    if (pixels > MOST_PIXELS) {
      setState({ kind: 'too-many', pixels });
      return;
    }
    const abort = new AbortController();
    setState((now) => (now.kind === 'ready' && now.sourceId === source.id ? now : { kind: 'reading' }));
    readBox(source, { left, bottom, right, top }, abort.signal)
      .then((box) => {
        if (!abort.signal.aborted)
          setState(box === undefined ? { kind: 'none' } : { kind: 'ready', box, sourceId: source.id, key });
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setState({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      });
    return () => abort.abort();
  }, [source, key]);
  const measured = useRef(subject);
  if (state.kind !== 'ready') return state;
  if (state.sourceId === source?.id && state.key === key) measured.current = subject;
  return { kind: 'ready', box: state.box, of: measured.current };
}

/** Say why a panel shows nothing; `undefined` when it does. */
export function describeWaiting(state: PixelsState<unknown>, none: string): string | undefined {
  switch (state.kind) {
    case 'ready':
      return undefined;
    case 'none':
      return none;
    case 'reading':
      return 'Reading pixels…';
    case 'too-many':
      return `${(state.pixels / 1e6).toFixed(1)} million pixels are too many to measure at once: zoom in or take a smaller region.`;
    case 'failed':
      return `The pixels could not be read. ${state.message}`;
  }
}
