import type { RegionGeometry } from '../../../core/api/contract/index.ts';
import {
  compassAt,
  type GridLine,
  laySkyGrid,
  type Size,
  type SkyGrid,
  visibleBox,
} from '../../viewer/index.ts';
import {
  describeSeparation,
  formatAngle,
  gridSkyOf,
  type ImageFrame,
  measureSeparation,
} from './image-frame.ts';
import type { Compass, ScaleBar } from './paint-marks.ts';
import type { OverlayScene } from './paint-overlay.ts';
import type { OverlayView } from './pen.ts';
import { type RegionDocument, regionsOf } from './region-document.ts';
import type { ToolsView } from './tools-view.ts';

/** What an overlay is made from. */
export interface SceneFacts {
  readonly view: OverlayView;
  readonly tools: ToolsView;
  readonly document: RegionDocument;
  readonly frame: ImageFrame;
  readonly sky: SkyGrid | undefined;
  readonly image: Size | undefined;
  /** Compass and scale bar belong to one pane. */
  readonly hasMarks: boolean;
}

/** Gather what lies over an image. */
export function makeScene({ view, tools, document, frame, sky, image, hasMarks }: SceneFacts): OverlayScene {
  const { camera } = view;
  const compass = sky && compassAt(sky, camera.x, camera.y);
  const spans = [
    ...(tools.ruler === undefined
      ? []
      : [
          {
            ...tools.ruler,
            label: describeSeparation(measureSeparation(frame, tools.ruler.from, tools.ruler.to)),
          },
        ]),
    ...(tools.cut === undefined ? [] : [{ ...tools.cut, label: '' }]),
  ];
  return {
    regions: regionsOf(document),
    selectedId: document.selectedId,
    draft: tools.draft,
    grid: tools.hasGrid && image !== undefined ? gridInView(frame, tools, view, image) : [],
    contours: tools.contours.isOn ? tools.contourLines : [],
    spans,
    rings:
      tools.spot === undefined || tools.panel !== 'source'
        ? undefined
        : { centre: tools.spot, radii: [tools.radii.radius, tools.radii.skyInner, tools.radii.skyOuter] },
    labelOf: (geometry) => labelOf(geometry, frame),
    compass,
    marks:
      hasMarks && tools.hasScale
        ? { compass: turnedCompass(compass, view), bar: chooseBar(view, frame) }
        : {},
  };
}

function labelOf(geometry: RegionGeometry, frame: ImageFrame): string | undefined {
  if (geometry.kind !== 'ruler') return undefined;
  return describeSeparation(measureSeparation(frame, geometry.from, geometry.to));
}

/** A compass is drawn where north is not up or east not left; the eye knows the usual way. */
function turnedCompass(compass: Compass | undefined, { camera }: OverlayView): Compass | undefined {
  if (compass === undefined) return undefined;
  const isUsual =
    !camera.rotationDeg && !camera.isMirrored && compass.north[1] > 0.9999 && compass.east[0] < -0.9999;
  return isUsual ? undefined : compass;
}

const ROUND_ARCSEC = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18_000, 36_000];

/** Choose a round length that is at most a quarter of the pane, and no more than 160 CSS pixels. */
function chooseBar(
  { camera, viewport, ratio }: OverlayView,
  { pixelScaleArcsec }: ImageFrame,
): ScaleBar | undefined {
  const longestPx = Math.min(viewport.width / 4, 160 * ratio) / camera.zoom;
  if (pixelScaleArcsec === undefined) {
    const lengthPx = 10 ** Math.floor(Math.log10(longestPx));
    return lengthPx >= 1 ? { lengthPx, label: `${lengthPx} px` } : undefined;
  }
  const longest = longestPx * pixelScaleArcsec;
  const arcsec = ROUND_ARCSEC.findLast((step) => step <= longest) ?? 10 ** Math.floor(Math.log10(longest));
  return { lengthPx: arcsec / pixelScaleArcsec, label: writeBar(arcsec) };
}

function writeBar(arcsec: number): string {
  if (arcsec < 1) return formatAngle(arcsec);
  if (arcsec < 60) return `${arcsec}″`;
  return arcsec < 3600 ? `${arcsec / 60}′` : `${arcsec / 3600}°`;
}

let lastGrid:
  | { readonly key: string; readonly frame: ImageFrame; readonly lines: readonly GridLine[] }
  | undefined;

/** The grid of what is in view; linked panes look at the same, so the last one is kept. */
function gridInView(
  frame: ImageFrame,
  { notation }: ToolsView,
  { camera, viewport }: OverlayView,
  image: Size,
): readonly GridLine[] {
  const key = JSON.stringify([
    notation,
    camera,
    image.width,
    image.height,
    Math.round(viewport.width / 8),
    Math.round(viewport.height / 8),
  ]);
  if (lastGrid?.key === key && lastGrid.frame === frame) return lastGrid.lines;
  const sky = gridSkyOf(frame, notation);
  const box = visibleBox(camera, viewport);
  // A little beyond the view, so that lines cross its edges; never beyond the image.
  const [marginX, marginY] = [(box.right - box.left) / 20, (box.top - box.bottom) / 20];
  const bounds = {
    left: Math.max(-0.5, box.left - marginX),
    bottom: Math.max(-0.5, box.bottom - marginY),
    right: Math.min(image.width - 0.5, box.right + marginX),
    top: Math.min(image.height - 0.5, box.top + marginY),
  };
  const isInView = bounds.left < bounds.right && bounds.bottom < bounds.top;
  const lines = sky === undefined || !isInView ? [] : laySkyGrid(sky, bounds);
  lastGrid = { key, frame, lines };
  return lines;
}
