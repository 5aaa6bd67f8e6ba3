import type { PaneGrab, PanePress, Point } from '../../viewer/index.ts';
import { hasArea } from './contain-point.ts';
import { addRegion, changeRegion, type Region, regionsOf, selectedOf } from './region-document.ts';
import { currentHistory, editRegions, newRegionId, selectRegion } from './region-store.ts';
import { addVertex, distanceTo, dragHandle, drawRegion, handlesOf, moveRegion } from './shape-region.ts';
import { useTools } from './tools-view.ts';

/** Screen pixels of a click that draws a shape, in reaches of ten. */
const CLICK_SIZE = 2;

/**
 * Take what a press on an image means to take.
 *
 * A tool in the hand goes first; Alt draws a region, or adds a corner to a chosen polygon; a handle, an outline or
 * the inside of the chosen region is taken and moved. Otherwise the press is the pane's.
 */
export function grabOnImage(press: PanePress): PaneGrab | undefined {
  const { tool } = useTools.getState();
  if (press.altKey) return grabVertex(press) ?? draw(press);
  if (tool === 'ruler' || tool === 'cut') return stretch(tool, press.place);
  if (tool !== 'look') return undefined;
  return grabRegion(press);
}

/** Draw a ruler or a cut from where the press was. */
function stretch(tool: 'ruler' | 'cut', from: Point): PaneGrab {
  const before = useTools.getState()[tool];
  return {
    move: (to, { shiftKey }) =>
      useTools.setState({ [tool]: { from, to: shiftKey ? straighten(from, to) : to } }),
    end: (_, isClick) => {
      if (isClick) useTools.setState({ [tool]: undefined });
    },
    cancel: () => useTools.setState({ [tool]: before }),
  };
}

/** Turn a line to the nearest eighth of a turn. */
function straighten(from: Point, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const turn = (Math.round((Math.atan2(dy, dx) * 4) / Math.PI) * Math.PI) / 4;
  const length = Math.hypot(dx, dy);
  return { x: from.x + length * Math.cos(turn), y: from.y + length * Math.sin(turn) };
}

function draw({ place, reach }: PanePress): PaneGrab {
  const { shape } = useTools.getState();
  return {
    move: (to) =>
      useTools.setState({ draft: { id: undefined, geometry: drawRegion(shape, place, to, reach) } }),
    end: (to, isClick) => {
      const geometry = drawRegion(shape, place, isClick ? place : to, CLICK_SIZE * reach);
      const properties = shape === 'text' ? [{ key: 'text', value: 'text' }] : [];
      useTools.setState({ draft: undefined });
      editRegions((document) =>
        addRegion(document, {
          kind: 'region',
          id: newRegionId(),
          geometry,
          dress: { isExcluded: false, properties },
        }),
      );
    },
    cancel: () => useTools.setState({ draft: undefined }),
  };
}

/** Alt on the outline of the chosen polygon makes a corner there. */
function grabVertex({ place, reach }: PanePress): PaneGrab | undefined {
  const selected = selectedOf(currentHistory().present);
  if (selected?.geometry.kind !== 'polygon') return undefined;
  if (distanceTo(selected.geometry, place) > reach / 2) return undefined;
  const geometry = addVertex(selected.geometry, place);
  const index = (geometry as typeof selected.geometry).points.indexOf(place);
  return follow(selected, (to) => dragHandle(geometry, `vertex-${index}`, to), true);
}

function grabRegion({ place, reach }: PanePress): PaneGrab | undefined {
  const document = currentHistory().present;
  const selected = selectedOf(document);
  if (selected !== undefined) {
    const handle = handlesOf(selected.geometry).find(
      ({ at }) => Math.hypot(at.x - place.x, at.y - place.y) <= reach * 0.7,
    );
    if (handle !== undefined) return follow(selected, (to) => dragHandle(selected.geometry, handle.id, to));
    if (distanceTo(selected.geometry, place, hasArea(selected.geometry)) <= reach / 2)
      return moveWith(selected, place);
  }
  const near = regionsOf(document).findLast(({ geometry }) => distanceTo(geometry, place) <= reach / 2);
  return near && moveWith(near, place);
}

function moveWith(region: Region, from: Point): PaneGrab {
  return follow(region, (to) => moveRegion(region.geometry, to.x - from.x, to.y - from.y));
}

/** Let a region follow the hand; one step of the history when it is let go. */
function follow(
  region: Region,
  change: (to: Point) => Region['geometry'],
  isChangedByClick = false,
): PaneGrab {
  return {
    move: (to) => useTools.setState({ draft: { id: region.id, geometry: change(to) } }),
    end: (to, isClick) => {
      useTools.setState({ draft: undefined });
      selectRegion(region.id);
      if (!isClick || isChangedByClick)
        editRegions((document) => changeRegion(document, region.id, { geometry: change(to) }));
    },
    cancel: () => useTools.setState({ draft: undefined }),
  };
}
