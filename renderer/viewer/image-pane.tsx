import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import type { PaneContent } from './image-canvas.ts';
import { type PaneGestures, usePaneGestures } from './use-pane-gestures.ts';
import { useViewer } from './viewer-provider.tsx';

/**
 * A pane of the canvas with what lies over it.
 *
 * @param label what a person who cannot see the image is told.
 * @param read what is drawn; asked once a frame, so it may read stores. Say `changed` when it answers anew.
 * @param changed any value; the pane is drawn again when it is another one.
 */
export function ImagePane({
  label,
  read,
  changed,
  gestures,
  className,
  ref,
  children,
}: {
  readonly label: string;
  readonly read: () => PaneContent;
  readonly changed?: unknown;
  readonly gestures?: PaneGestures | undefined;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLDivElement> | undefined;
  readonly children?: ReactNode;
}) {
  const { canvas } = useViewer();
  const surface = useRef<HTMLDivElement>(null);
  const latest = useRef(read);
  latest.current = read;
  useImperativeHandle(ref, () => surface.current!);
  useEffect(() => canvas?.addPane({ element: surface.current!, read: () => latest.current() }), [canvas]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changed` is the reason to draw again
  useEffect(() => canvas?.invalidate(), [canvas, changed]);
  usePaneGestures(surface, gestures);
  return (
    <div className={`image-pane ${className ?? ''}`}>
      <div ref={surface} className="image-surface" role="img" aria-label={label} />
      {children}
    </div>
  );
}
