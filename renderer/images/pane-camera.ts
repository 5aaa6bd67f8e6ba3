import type { RefObject } from 'react';
import { type FieldPlanes, sourceOf } from '../api/field-planes.ts';
import { type Camera, fitCamera, type Size } from '../viewer/index.ts';
import type { FieldView, PaneKind } from './field-view.ts';
import { cameraIn } from './locks.ts';

/** The camera of a pane: the one set by hand, else the one that fits the image into this surface. */
export function cameraOf(
  view: Pick<FieldView, 'camera' | 'own' | 'locks' | 'active'>,
  planes: FieldPlanes,
  surface: RefObject<HTMLElement | null>,
  kind: PaneKind = view.active,
): Camera | undefined {
  const camera = cameraIn(view, kind);
  if (camera !== undefined) return camera;
  return fittedCamera(planes, surface);
}

/** The camera that fits the image into a surface, turned as it is told. */
export function fittedCamera(
  planes: FieldPlanes,
  surface: RefObject<HTMLElement | null>,
  turn?: Pick<Camera, 'rotationDeg' | 'isMirrored'>,
): Camera | undefined {
  const image = sizeOf(planes);
  const rect = surface.current?.getBoundingClientRect();
  if (image === undefined || rect === undefined) return undefined;
  const ratio = window.devicePixelRatio;
  return fitCamera(image, { width: rect.width * ratio, height: rect.height * ratio }, turn);
}

/** The size of the field's grid: that of the first image that has arrived. */
export function sizeOf(planes: FieldPlanes): Size | undefined {
  return (
    sourceOf(planes.science) ??
    sourceOf(planes.template) ??
    sourceOf(planes.difference) ??
    sourceOf(planes.score)
  );
}
