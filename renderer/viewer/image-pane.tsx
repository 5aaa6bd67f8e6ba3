import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { Pane, PaneContent, ShownPixels } from './pane.ts';
import { type PaneGestures, usePaneGestures } from './use-pane-gestures.ts';
import { useViewer } from './viewer-provider.tsx';

/**
 * A pane of the canvas with what lies over it.
 *
 * @param label what a person who cannot see the image is told.
 * @param read what is drawn; the pane is drawn again when it is another function.
 * @param listen subscribes to what `read` reads beside its own values, a store for instance: it is given
 *   what draws the pane again, without passing through React, and returns what ends the subscription.
 */
export function ImagePane({
  label,
  read,
  listen,
  gestures,
  className,
  ref,
  children,
}: {
  readonly label: string;
  readonly read: () => PaneContent;
  readonly listen?: ((redraw: () => void) => () => void) | undefined;
  readonly gestures?: PaneGestures | undefined;
  readonly className?: string | undefined;
  readonly ref?: Ref<HTMLDivElement> | undefined;
  readonly children?: ReactNode;
}) {
  const { canvas } = useViewer();
  const surface = useRef<HTMLDivElement>(null);
  const latest = useRef(read);
  latest.current = read;
  const pane = useRef<Pane>(undefined);
  const isMovable = gestures !== undefined;
  const [shown, setShown] = useState<ShownPixels>();
  useImperativeHandle(ref, () => surface.current!);
  useEffect(() => {
    if (canvas === undefined) return;
    pane.current = {
      element: surface.current!,
      isMovable,
      read: () => latest.current(),
      onShown: setShown,
    };
    return canvas.addPane(pane.current);
  }, [canvas, isMovable]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another `read` is the reason to draw again
  useEffect(() => canvas?.invalidate(pane.current), [canvas, read]);
  useEffect(() => listen?.(() => canvas?.invalidate(pane.current)), [canvas, listen]);
  usePaneGestures(surface, gestures);
  return (
    <div className={`image-pane ${className ?? ''}`}>
      <div ref={surface} className="image-surface" role="img" aria-label={label} />
      <PixelNotes shown={shown} />
      {children}
    </div>
  );
}

/** Says where less than the image is shown, or limits come from less than all of its pixels. */
function PixelNotes({ shown }: { readonly shown: ShownPixels | undefined }) {
  const { reduction, isExact } = shown ?? { reduction: 1, isExact: true };
  if (reduction === 1 && isExact) return null;
  return (
    <div className="pixel-notes" role="status">
      {reduction > 1 && (
        <span title={`One pixel stands for ${reduction} × ${reduction} until the others have been read`}>
          1:{reduction}
        </span>
      )}
      {!isExact && (
        <span title="Smallest, largest and percentiles are those of a sample until all pixels have been read; zscale is exact">
          limits sampled
        </span>
      )}
    </div>
  );
}
