import { IMAGE_KINDS } from '../api/field-planes.ts';
import type { Camera, Display } from '../viewer/index.ts';
import type { FieldView, PaneKind } from './field-view.ts';

/** What the images of a field may have in common, each by itself. */
export const LOCKS = ['position', 'zoom', 'rotation', 'limits', 'stretch', 'colormap', 'cursor'] as const;
export type Lock = (typeof LOCKS)[number];

/** With whom an image shares: with none, with those it is compared with, with all. */
export type LockReach = 'off' | 'like' | 'all';
export type Locks = Readonly<Record<Lock, LockReach>>;

/** Images lie on one grid and look at one place; science and template are compared, so that they look alike. */
export const FIRST_LOCKS: Locks = {
  position: 'all',
  zoom: 'all',
  rotation: 'all',
  limits: 'like',
  stretch: 'like',
  colormap: 'like',
  cursor: 'all',
};

/** Reaches that make sense for a lock: places are shared or not, looks may be shared by those alike. */
export function reachesOf(lock: Lock): readonly LockReach[] {
  return lock === 'limits' || lock === 'stretch' || lock === 'colormap'
    ? ['off', 'like', 'all']
    : ['off', 'all'];
}

/** What belongs to which lock of a display. */
const LOCK_OF: Readonly<Record<keyof Display, 'limits' | 'stretch' | 'colormap'>> = {
  limits: 'limits',
  stretch: 'stretch',
  colormap: 'colormap',
  invert: 'colormap',
  contrast: 'colormap',
  bias: 'colormap',
};

/** Change how an image is shown, and with it those that share what is changed. */
export function changeDisplay(
  displays: FieldView['displays'],
  pane: PaneKind,
  change: Partial<Display>,
  locks: Locks,
): FieldView['displays'] {
  const changed: Record<PaneKind, Display> = { ...displays };
  for (const [name, value] of Object.entries(change) as [keyof Display, never][]) {
    const reach = locks[LOCK_OF[name]];
    for (const kind of IMAGE_KINDS)
      if (kind === pane || reach === 'all' || (reach === 'like' && isAlike(kind, pane)))
        changed[kind] = { ...changed[kind], [name]: value };
  }
  return changed;
}

/** The camera of a pane: what is locked from the common one, the rest its own. */
export function cameraIn(
  view: Pick<FieldView, 'camera' | 'own' | 'locks'>,
  kind: PaneKind,
): Camera | undefined {
  const { camera, locks } = view;
  const own = view.own[kind];
  if (camera === undefined || own === undefined) return camera;
  return mixCameras(camera, own, locks);
}

/** Take what is locked from one camera and the rest from another. */
export function mixCameras(common: Camera, own: Camera, locks: Locks): Camera {
  const place = locks.position === 'all' ? common : own;
  return {
    // Whatever a camera has beside its place and its zoom turns the image.
    ...(locks.rotation === 'all' ? common : own),
    x: place.x,
    y: place.y,
    zoom: (locks.zoom === 'all' ? common : own).zoom,
  };
}

/** The next reach of a lock, round and round. */
export function nextReach(lock: Lock, reach: LockReach): LockReach {
  const reaches = reachesOf(lock);
  return reaches[(reaches.indexOf(reach) + 1) % reaches.length]!;
}

/** Whether panes have one camera. */
export function isFullyLocked({ position, zoom, rotation }: Locks): boolean {
  return position === 'all' && zoom === 'all' && rotation === 'all';
}

/** The part of a display that a lock is about. */
export function partOf(display: Display, lock: Lock): Partial<Display> {
  return Object.fromEntries(
    Object.entries(display).filter(([name]) => LOCK_OF[name as keyof Display] === lock),
  );
}

/** Science and template hold the same light; a difference and its significance are alone. */
function isAlike(a: PaneKind, b: PaneKind): boolean {
  const isImage = (kind: PaneKind): boolean => kind === 'science' || kind === 'template';
  return isImage(a) && isImage(b);
}
