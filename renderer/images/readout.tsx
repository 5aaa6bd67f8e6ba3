import type { SkyLattice } from '../../core/api/contract/index.ts';
import { type FieldPlanes, sourceOf, valueAt } from '../api/field-planes.ts';
import { formatFixed, formatPixel, formatUnit } from '../ui/format.ts';
import { StatusSlot } from '../ui/status-slot.tsx';
import { formatPlace, pixelAt, skyAt } from '../viewer/index.ts';
import { type FieldView, shownIn, useFieldView } from './field-view.ts';

/** Value, image coordinates counted from one, and sky under the cursor. */
export function Readout({
  planes,
  sky,
}: {
  readonly planes: FieldPlanes;
  readonly sky: SkyLattice | undefined;
}) {
  const view = useFieldView();
  const text = describeCursor(view, planes, sky);
  return (
    <StatusSlot>
      {text === undefined ? (
        <span className="ellipsis">Move over an image to read it</span>
      ) : (
        <>
          <span className="mono readout-value">
            {text.value} {text.unit}
          </span>
          <span className="mono readout-pixel">
            x {text.x} y {text.y}
          </span>
          <span className="mono">{text.place ?? 'no sky coordinates'}</span>
          {view.isFrozen && <span>frozen</span>}
        </>
      )}
    </StatusSlot>
  );
}

/** What stands under the cursor, in words and numbers. */
export interface CursorText {
  readonly value: string;
  readonly unit: string;
  /** Image coordinates: the centre of the first pixel is 1. */
  readonly x: string;
  readonly y: string;
  readonly place: string | undefined;
}

/** Describe the cursor; `undefined` when it is not over the image. */
export function describeCursor(
  view: Pick<FieldView, 'cursor' | 'active' | 'blinkStep' | 'blinksAll' | 'isPeeking'>,
  planes: FieldPlanes,
  sky: SkyLattice | undefined,
): CursorText | undefined {
  if (view.cursor === undefined) return undefined;
  const { at, pane } = view.cursor;
  const plane = planes[shownIn(view, pane === 'keys' ? view.active : pane)];
  const pixel = pixelAt(at);
  const value = valueAt(sourceOf(plane), pixel.x, pixel.y);
  if (value === undefined) return undefined;
  const place = sky && skyAt(sky, at.x, at.y);
  return {
    value: formatPixel(value),
    unit: formatUnit(plane!.unit),
    x: formatFixed(at.x + 1, 1),
    y: formatFixed(at.y + 1, 1),
    place: place && sky && formatPlace(place.raDeg, place.decDeg, sky.pixelScaleArcsec),
  };
}
