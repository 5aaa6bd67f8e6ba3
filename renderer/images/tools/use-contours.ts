import { type RefObject, useEffect } from 'react';
import { type FieldPlanes, sourceOf } from '../../api/field-planes.ts';
import {
  type Camera,
  chooseLevels,
  gatherBox,
  type ImageSource,
  levelFor,
  smoothBox,
  traceContours,
  useViewer,
  visibleBox,
} from '../../viewer/index.ts';
import { useFieldView } from '../field-view.ts';
import { type ContourChoice, useTools } from './tools-view.ts';

/** Most lines of equal value at once. */
const MOST_LEVELS = 24;

/** Quiet time before lines are traced anew, ms: a drag moves the old ones. */
const SETTLE_MS = 140;

/** The levels of an image: those typed, else those that rise from its sky. */
export function levelsOf(
  { statistics }: ImageSource,
  { levels }: Pick<ContourChoice, 'levels'>,
): readonly number[] {
  return levels?.slice(0, MOST_LEVELS) ?? chooseLevels(statistics.median, statistics.sigma, statistics.max);
}

/**
 * Trace contours of the part in view, at the resolution at which it is seen, whenever it has come to rest or its pixels
 * have come.
 */
export function useContours(
  planes: FieldPlanes,
  surface: { readonly current: HTMLElement | null } | RefObject<HTMLElement | null>,
  camera: () => Camera | undefined,
): void {
  const contours = useTools((tools) => tools.contours);
  const source = sourceOf(planes[contours.of]);
  const { planes: store } = useViewer();
  useEffect(() => {
    if (!contours.isOn || source === undefined) {
      useTools.setState({ contourLines: [] });
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const trace = (): void => {
      const look = camera();
      const element = surface.current;
      if (look === undefined || element === null) return;
      const ratio = window.devicePixelRatio;
      const viewport = { width: element.clientWidth * ratio, height: element.clientHeight * ratio };
      const level = levelFor(look.zoom, source.levelCount);
      const box = gatherBox(source, visibleBox(look, viewport), level);
      if (box === undefined) {
        useTools.setState({ contourLines: [] });
        return;
      }
      const sigma = contours.smooth / (look.zoom * box.step);
      const smooth = smoothBox(box, Math.min(sigma, 12));
      useTools.setState({ contourLines: traceContours(smooth, levelsOf(source, contours)) });
    };
    const settle = (): void => {
      clearTimeout(timer);
      timer = setTimeout(trace, SETTLE_MS);
    };
    trace();
    const stop = useFieldView.subscribe((now, before) => {
      if (now.camera !== before.camera || now.layout !== before.layout || now.own !== before.own) settle();
    });
    const stopPixels = store.onPixels((planeId) => {
      if (planeId === source.id) settle();
    });
    return () => {
      clearTimeout(timer);
      stop();
      stopPixels();
    };
  }, [contours, source, camera, surface, store]);
}
