import { type FieldPlanes, sourceOf } from '../../api/field-planes.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatUnit } from '../../ui/format.ts';
import type { Camera } from '../../viewer/index.ts';
import { shownIn, useFieldView } from '../field-view.ts';
import { sizeOf } from '../pane-camera.ts';
import { ContoursPanel } from './contours-panel.tsx';
import { CutPanel } from './cut-panel.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { GoToDialog } from './go-to-dialog.tsx';
import { HeaderPanel } from './header-panel.tsx';
import { HistogramPanel } from './histogram-panel.tsx';
import type { ImageOrigin, PanelContext } from './panel-context.ts';
import { PixelsPanel } from './pixels-panel.tsx';
import { RegionsPanel } from './regions-panel.tsx';
import { SourcePanel } from './source-panel.tsx';
import { useTools } from './tools-view.ts';
import { useContours } from './use-contours.ts';
import type { FieldTools } from './use-tools.ts';
import './tools.css';

/** The line of tools under the images, and the panel that is open. */
export function ToolStrip({
  tools,
  planes,
  origin,
  surface,
  camera,
}: {
  readonly tools: FieldTools;
  readonly planes: FieldPlanes;
  readonly origin: ImageOrigin;
  readonly surface: { readonly current: HTMLElement | null };
  readonly camera: () => Camera | undefined;
}) {
  const { tool, panel, hasGrid, dialog } = useTools();
  const kind = useFieldView((view) => shownIn(view, view.active));
  useContours(planes, surface, camera);
  const { actions, frame, panes, regionActions } = tools;
  const plane = planes[kind];
  const context: PanelContext = {
    kind,
    planes,
    plane,
    source: sourceOf(plane),
    unit: plane === undefined ? '' : formatUnit(plane.unit),
    frame,
    sky: panes.place.sky,
    origin,
  };
  const grid =
    frame.sky === undefined
      ? { ...actions.grid, title: 'Coordinate grid: this image has no sky coordinates', isEnabled: false }
      : actions.grid;
  return (
    <div className="tool-strip" data-region="tools">
      <div className="tool-line" role="toolbar" aria-label="Tools on the images">
        <ActionButton action={actions.source} isPressed={tool === 'source'}>
          Source
        </ActionButton>
        <ActionButton action={actions.cut} isPressed={tool === 'cut'}>
          Cut
        </ActionButton>
        <ActionButton action={actions.ruler} isPressed={tool === 'ruler'}>
          Ruler
        </ActionButton>
        <span className="top-rule" />
        <ActionButton action={actions.regions} isPressed={panel === 'regions'}>
          Regions
        </ActionButton>
        <ActionButton action={actions.histogram} isPressed={panel === 'histogram'}>
          Histogram
        </ActionButton>
        <ActionButton action={actions.pixels} isPressed={panel === 'pixels'}>
          Pixels
        </ActionButton>
        <ActionButton action={actions.contours} isPressed={panel === 'contours'}>
          Contours
        </ActionButton>
        <ActionButton action={actions.header} isPressed={panel === 'header'}>
          Header
        </ActionButton>
        <span className="top-gap" />
        <ActionButton action={grid} isPressed={hasGrid}>
          Grid
        </ActionButton>
        <ActionButton action={actions.goTo}>Go to</ActionButton>
        <ActionButton action={actions.export}>Export</ActionButton>
      </div>
      {panel !== undefined && (
        <section className="tool-box" aria-label={`${panel} of the ${kind} image`}>
          <ShownPanel panel={panel} context={context} regionActions={regionActions} />
        </section>
      )}
      {dialog === 'go-to' && <GoToDialog frame={frame} image={sizeOf(planes)} />}
      {dialog === 'export' && <ExportDialog context={context} />}
    </div>
  );
}

function ShownPanel({
  panel,
  context,
  regionActions,
}: {
  readonly panel: NonNullable<ReturnType<typeof useTools.getState>['panel']>;
  readonly context: PanelContext;
  readonly regionActions: FieldTools['regionActions'];
}) {
  switch (panel) {
    case 'source':
      return <SourcePanel {...context} />;
    case 'cut':
      return <CutPanel {...context} />;
    case 'histogram':
      return <HistogramPanel {...context} />;
    case 'pixels':
      return <PixelsPanel {...context} />;
    case 'contours':
      return <ContoursPanel {...context} />;
    case 'header':
      return <HeaderPanel {...context} />;
    case 'regions':
      return <RegionsPanel {...context} actions={regionActions} />;
  }
}
