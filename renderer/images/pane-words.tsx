import type { RefObject } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { type FieldPlane, type FieldPlanes, sourceOf, valueAt } from '../api/field-planes.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { formatPixel, formatRange, formatUnit } from '../ui/format.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions } from '../ui/keys/use-actions.ts';
import {
  type Camera,
  describeLimitsMode,
  formatZoom,
  pixelAt,
  resolveLimits,
  toScreen,
  useViewer,
} from '../viewer/index.ts';
import { type PaneKind, useFieldView } from './field-view.ts';
import { cameraIn } from './locks.ts';
import { cameraOf } from './pane-camera.ts';
import { useSurfaceSize } from './use-surface-size.ts';

/** Names of images, as captions. */
export const NAMES: Readonly<Record<PaneKind, string>> = {
  science: 'Science',
  template: 'Template',
  difference: 'Difference',
  score: 'Score image',
};

/** Four strokes that leave the pixel in view. */
const CROSS = 'M-12 0H-4M4 0H12M0 -12V-4M0 4V12';

/** The cursor as the other panes show it; on all of them when keys have moved it. */
export function MirrorCursor({
  kind,
  camera,
  surface,
}: {
  readonly kind: PaneKind;
  readonly camera: () => Camera | undefined;
  readonly surface: RefObject<HTMLElement | null>;
}) {
  const cursor = useFieldView((view) => view.cursor);
  const isWanted = useFieldView((view) => view.locks.cursor === 'all');
  useFieldView(useShallow((view) => cameraIn(view, kind)));
  const look = camera();
  const element = surface.current;
  if (!isWanted || cursor === undefined || cursor.pane === kind || look === undefined || element === null)
    return null;
  const ratio = window.devicePixelRatio;
  const viewport = { width: element.clientWidth * ratio, height: element.clientHeight * ratio };
  const { x, y } = toScreen(look, viewport, pixelAt(cursor.at));
  return (
    <svg
      className="mirror-cursor"
      width="25"
      height="25"
      viewBox="-12.5 -12.5 25 25"
      style={{ transform: `translate(${x / ratio - 12.5}px, ${y / ratio - 12.5}px)` }}
      aria-hidden="true"
    >
      <path className="mirror-halo" d={CROSS} />
      <path d={CROSS} />
    </svg>
  );
}

/** What a pane shows: which image, its limits, its zoom. */
export function Caption({
  kind,
  shown,
  title,
  plane,
  planes,
  surface,
  badge,
}: {
  readonly kind: PaneKind;
  readonly shown: PaneKind;
  readonly badge: string | undefined;
  readonly title: string | undefined;
  readonly plane: FieldPlane | undefined;
  readonly planes: FieldPlanes;
  readonly surface: RefObject<HTMLElement | null>;
}) {
  const display = useFieldView((view) => view.displays[shown]);
  // The zoom that fits an image is another when the pane has another size.
  useSurfaceSize(surface);
  const zoom = useFieldView((view) => cameraOf(view, planes, surface, kind)?.zoom);
  const source = sourceOf(plane);
  const limits = source && resolveLimits(display.limits, source.statistics);
  return (
    <div className="pane-caption">
      <span className={shown === kind ? '' : 'pane-swapped'}>{title ?? NAMES[shown]}</span>
      {limits && (
        <span className="mono">
          {formatRange(limits.lo, limits.hi)} {plane && formatUnit(plane.unit)}
        </span>
      )}
      {limits && <span>{describeLimitsMode(display.limits)}</span>}
      {zoom !== undefined && source && <span className="mono">{formatZoom(zoom)}</span>}
      {badge !== undefined && source && <span className="pane-badge">{badge}</span>}
    </div>
  );
}

/** Said instead of an image that is not there: that it comes, that it failed, why there is none. */
export function PaneNotice({
  plane,
  name,
  whyMissing,
}: {
  readonly plane: FieldPlane | undefined;
  readonly name: string;
  readonly whyMissing: string | undefined;
}) {
  const { planes } = useViewer();
  if (plane === undefined)
    return (
      <p className="pane-notice">
        {name}: {whyMissing ?? 'this run has no such image.'}
      </p>
    );
  const { state } = plane;
  switch (state.kind) {
    case 'ready':
      return null;
    case 'loading':
      return (
        <p className="pane-notice mono">
          {(state.loadedBytes / 2 ** 20).toFixed(0)} of {(state.totalBytes / 2 ** 20).toFixed(0)} MiB
        </p>
      );
    case 'failed':
      return (
        <UnreadPlane
          name={name}
          message={state.message}
          isAway={state.isAway === true}
          onRetry={() => {
            plane.findAgain?.();
            planes.retry(plane.id);
          }}
        />
      );
  }
}

function UnreadPlane({
  name,
  message,
  isAway,
  onRetry,
}: {
  readonly name: string;
  readonly message: string;
  readonly isAway: boolean;
  readonly onRetry: () => void;
}) {
  const again: Action = {
    id: `field.read-${name}`,
    title: isAway ? 'Ask again' : 'Read it again',
    keys: ['F5'],
    run: onRetry,
  };
  useActions(`${name} image`, 'screen', [again]);
  return (
    <div className="pane-notice" role={isAway ? 'status' : 'alert'}>
      {isAway ? `${name}: ${message}` : `${name} could not be read. ${message} The labels are not touched.`}
      <ActionButton action={again} look="outline" />
    </div>
  );
}

/** The value of the pixel under the cursor, in every pane. */
export function ValueUnderCursor({ plane }: { readonly plane: FieldPlane | undefined }) {
  const cursor = useFieldView((view) => view.cursor);
  if (cursor === undefined) return null;
  const { x, y } = pixelAt(cursor.at);
  const value = valueAt(sourceOf(plane), x, y);
  return value === undefined ? null : <span className="pane-value mono">{formatPixel(value)}</span>;
}
