import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { SkyLattice } from '../../../core/api/contract/index.ts';
import { client } from '../../api/client.ts';
import { type FieldPlanes, sourceOf } from '../../api/field-planes.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import type { PaneGrab, PanePress, Point } from '../../viewer/index.ts';
import { type PaneKind, shownIn, useFieldView } from '../field-view.ts';
import { grabOnImage } from './grab-region.ts';
import { frameOfImage, type ImageFrame, type PhysicalFacts } from './image-frame.ts';
import { makeLetGoAction, makeRegionActions, makeToolActions } from './make-tool-actions.ts';
import type { ImageOrigin } from './panel-context.ts';
import { pickSource } from './pick-source.ts';
import { currentHistory, loadRegions, selectRegion, useRegionStore } from './region-store.ts';
import type { OverlayPlace } from './tool-overlay.tsx';
import { forgetPlaces, useTools } from './tools-view.ts';

/** What a pane asks of the tools. */
export interface PaneTools {
  readonly place: OverlayPlace;
  /** Take a press from the pane. */
  onGrab(press: PanePress): PaneGrab | undefined;
  /** Take a click from the pane. @returns whether it did */
  onPick(kind: PaneKind, place: Point): boolean;
}

/** The tools of a field. */
export interface FieldTools {
  readonly panes: PaneTools;
  readonly frame: ImageFrame;
  readonly physical: PhysicalFacts | undefined;
  readonly actions: ReturnType<typeof makeToolActions>['named'];
  readonly regionActions: readonly Action[];
}

/**
 * Give a screen of linked images its tools and their keys.
 *
 * To be called after the screen's own `useActions`: keys of a chosen region go before those of the images.
 */
export function useFieldTools(
  documentId: string,
  origin: ImageOrigin,
  planes: FieldPlanes,
  sky: SkyLattice | undefined,
): FieldTools {
  const history = useRegionStore((store) => currentHistory(store, documentId));
  const tool = useTools((tools) => tools.tool);
  const ofExposure = usePhysical(origin.kind === 'run' ? origin.run?.sciencePath : undefined);
  const physical = origin.kind === 'file' ? origin.physical : ofExposure;
  const frame = useMemo(() => frameOfImage(sky, physical), [sky, physical]);
  useEffect(() => {
    loadRegions(documentId);
    return forgetPlaces;
  }, [documentId]);
  const tools = makeToolActions(frame);
  const regions = makeRegionActions();
  useActions('Tools', 'screen', tools.all);
  useActions('Regions', 'screen', [
    ...regions.all,
    makeLetGoAction(tool, history.present.selectedId !== undefined),
  ]);
  const panes = useMemo(
    (): PaneTools => ({
      place: { frame, sky },
      onGrab: grabOnImage,
      onPick: (kind, place) => {
        if (useTools.getState().tool === 'source') {
          void pickSource(sourceOf(planes[shownIn(useFieldView.getState(), kind)]), place);
          return true;
        }
        selectRegion(undefined);
        return false;
      },
    }),
    [frame, sky, planes],
  );
  const { undo, redo, delete: remove } = regions.named;
  return {
    panes,
    frame,
    physical,
    actions: tools.named,
    regionActions: [tools.named.open, undo, redo, remove],
  };
}

/** Where the pixels of a file lay in the one it was cut from, if its header says so. */
function usePhysical(path: string | undefined): PhysicalFacts | undefined {
  const file = useQuery({
    queryKey: ['image-file', path],
    queryFn: ({ signal }) => client.observations.openImage({ path: path! }, { signal }),
    enabled: path !== undefined,
    retry: false,
  });
  return file.data?.hdus.find(({ index }) => index === file.data.defaultHdu)?.physical;
}
