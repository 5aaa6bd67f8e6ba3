import type { Field } from '../../core/api/contract/index.ts';
import { type ImageSource, type PlaneAddress, type PlaneState, usePlane } from '../viewer/index.ts';
import { blobUrl } from './client.ts';

/** The images of a field that are looked at, in the order of the line. */
export const IMAGE_KINDS = ['science', 'template', 'difference', 'score'] as const;
export type ImageKind = (typeof IMAGE_KINDS)[number];

/** One image of a field: what it is measured in, and how far it has come. */
export interface FieldPlane {
  readonly id: string;
  readonly unit: string;
  readonly state: PlaneState;
  /** Given where the address may be of a file that is another now: asks where the pixels are. */
  readonly findAgain?: (() => void) | undefined;
}

export type FieldPlanes = Readonly<Record<ImageKind, FieldPlane | undefined>>;

const STARTING: PlaneState = { kind: 'loading', loadedBytes: 0, totalBytes: 0 };

/** Fetch the images of a field, science first; `undefined` for those it does not have. */
export function useFieldPlanes(field: Field | undefined): FieldPlanes {
  const find = (kind: ImageKind) =>
    field?.planes.find((plane) => plane.kind === kind && plane.dtype === 'float32');
  const addressOf = (kind: ImageKind): PlaneAddress | undefined => {
    const plane = find(kind);
    return (
      plane && { id: plane.sha256, url: blobUrl(plane.sha256), width: plane.width, height: plane.height }
    );
  };
  const states: Record<ImageKind, PlaneState | undefined> = {
    science: usePlane(addressOf('science')),
    template: usePlane(addressOf('template')),
    difference: usePlane(addressOf('difference')),
    score: usePlane(addressOf('score')),
  };
  const planeOf = (kind: ImageKind): FieldPlane | undefined => {
    const plane = find(kind);
    return plane && { id: plane.sha256, unit: plane.unit, state: states[kind] ?? STARTING };
  };
  return Object.fromEntries(IMAGE_KINDS.map((kind) => [kind, planeOf(kind)])) as FieldPlanes;
}

/** The pixels of an image that has arrived. */
export function sourceOf(plane: FieldPlane | undefined): ImageSource | undefined {
  return plane?.state.kind === 'ready' ? plane.state.source : undefined;
}

/** The value of the pixel at a place; `undefined` outside the image and while it is not in memory. */
export function valueAt(source: ImageSource | undefined, x: number, y: number): number | undefined {
  return source?.valueAt(x, y);
}
