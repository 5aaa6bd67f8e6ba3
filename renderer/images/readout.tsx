import type { SkyLattice } from '../../core/api/contract/index.ts';
import { type FieldPlanes, sourceOf, valueAt } from '../api/field-planes.ts';
import { formatFixed, formatPixel, formatUnit } from '../ui/format.ts';
import { StatusSlot } from '../ui/status-slot.tsx';
import { pixelAt } from '../viewer/index.ts';
import { type FieldView, shownIn, useFieldView } from './field-view.ts';
import { useLayers } from './layers.ts';
import { formatSky, frameOfImage, type PhysicalFacts, physicalOf } from './tools/image-frame.ts';
import { type Notation, useTools } from './tools/tools-view.ts';

/** Value, image coordinates counted from one, those of the original file, and sky under the cursor. */
export function Readout({
  planes,
  sky,
  physical,
}: {
  readonly planes: FieldPlanes;
  readonly sky: SkyLattice | undefined;
  readonly physical?: PhysicalFacts | undefined;
}) {
  const view = useFieldView();
  const chosen = useLayers((layers) => layers.chosen);
  const notation = useTools((tools) => tools.notation);
  const text = describeCursor(view, planes, sky, physical, notation);
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
          {text.physical && <span className="mono readout-physical">physical {text.physical}</span>}
          <span className="mono">{text.place ?? 'no sky coordinates'}</span>
          {view.isFrozen && <span>frozen</span>}
        </>
      )}
      {chosen && chosen.text !== '' && <span className="ellipsis">{chosen.text}</span>}
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
  /** Pixel of the file this one was cut from; absent when it is the same. */
  readonly physical: string | undefined;
  readonly place: string | undefined;
}

/** Describe the cursor; `undefined` when it is not over the image. */
export function describeCursor(
  view: Pick<FieldView, 'cursor' | 'active' | 'blinkStep' | 'blinksAll' | 'isPeeking'>,
  planes: FieldPlanes,
  sky: SkyLattice | undefined,
  file?: PhysicalFacts,
  notation: Notation = useTools.getState().notation,
): CursorText | undefined {
  if (view.cursor === undefined) return undefined;
  const { at, pane } = view.cursor;
  const plane = planes[shownIn(view, pane === 'keys' ? view.active : pane)];
  const pixel = pixelAt(at);
  const value = valueAt(sourceOf(plane), pixel.x, pixel.y);
  if (value === undefined) return undefined;
  const frame = frameOfImage(sky, file);
  const place = frame.sky?.toSky(at.x, at.y);
  const physical = physicalOf(frame, at);
  return {
    value: formatPixel(value),
    unit: formatUnit(plane!.unit),
    x: formatFixed(at.x + 1, 1),
    y: formatFixed(at.y + 1, 1),
    physical: physical && `${formatFixed(physical.x, 1)} ${formatFixed(physical.y, 1)}`,
    place: place && formatSky(place, frame.pixelScaleArcsec ?? 1, notation),
  };
}
