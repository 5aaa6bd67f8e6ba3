import type { Camera, Point } from '../viewer/index.ts';
import { PANES, type PaneKind, useFieldView } from './field-view.ts';
import { cameraIn, changeDisplay, isFullyLocked, type Lock, type LockReach, partOf } from './locks.ts';

/** Zoom at which a candidate is looked at when the whole field was in view, device pixels per image pixel. */
const CLOSE_ZOOM = 4;

/** Look at a place in all panes: as near as now, or closely when the whole image was in view. */
export function centreOn(place: Point): void {
  const { active, camera } = useFieldView.getState();
  const zoom = camera?.zoom ?? CLOSE_ZOOM * window.devicePixelRatio;
  for (const kind of PANES) {
    const now = cameraIn(useFieldView.getState(), kind);
    if (kind !== active) moveCamera(kind, { ...now, ...place, zoom: now?.zoom ?? zoom });
  }
  moveCamera(active, { ...cameraIn(useFieldView.getState(), active), ...place, zoom });
}

/**
 * Turn the camera of one pane, and with it what the others share.
 *
 * @param camera without one the whole image is fitted; then `fitted` says what that comes to.
 */
export function moveCamera(kind: PaneKind, camera: Camera | undefined, fitted?: Camera): void {
  useFieldView.setState((view) => {
    if (isFullyLocked(view.locks)) return { camera };
    const to = camera ?? fitted;
    if (to === undefined) return {};
    // Every pane has a camera of its own from now on, the others the one that they look through.
    const own = Object.fromEntries(PANES.map((one) => [one, cameraIn(view, one) ?? fitted ?? to]));
    return { camera: to, own: { ...own, [kind]: to } };
  });
}

/**
 * Lock or unlock one thing.
 *
 * Unlocking changes nothing on screen; locking brings the others to the active pane.
 *
 * @param current where the active pane looks.
 */
export function setLock(lock: Lock, reach: LockReach, current: Camera | undefined): void {
  useFieldView.setState((view) => {
    const locks = { ...view.locks, [lock]: reach };
    const displays =
      reach === 'off' || !(lock === 'limits' || lock === 'stretch' || lock === 'colormap')
        ? view.displays
        : changeDisplay(view.displays, view.active, partOf(view.displays[view.active], lock), locks);
    if (lock === 'limits' || lock === 'stretch' || lock === 'colormap' || lock === 'cursor')
      return { locks, displays };
    if (isFullyLocked(locks)) return { locks, camera: view.camera && current, own: {} };
    if (current === undefined) return { locks };
    const own = Object.fromEntries(PANES.map((kind) => [kind, cameraIn(view, kind) ?? current]));
    return { locks, camera: current, own };
  });
}
