import { useState } from 'react';
import type { SkyNotation } from '../../../core/api/contract/index.ts';
import { describeFailure, type Failure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Menu } from '../../ui/menu.tsx';
import { formatZoom, resolveLimits } from '../../viewer/index.ts';
import { NAMES } from '../field-pane.tsx';
import { useFieldView } from '../field-view.ts';
import { drawPane, encodePng } from './export-png.ts';
import { saveFile } from './files.ts';
import type { PanelContext } from './panel-context.ts';
import { type RegionSystem, regionsOf } from './region-document.ts';
import { saveRegions } from './region-files.ts';
import { useRegionDocument } from './region-store.ts';
import { useTools } from './tools-view.ts';

const SYSTEMS: readonly { readonly value: RegionSystem; readonly label: string }[] = [
  { value: 'as-read', label: 'as they came' },
  { value: 'image', label: 'image' },
  { value: 'physical', label: 'physical' },
  { value: 'icrs', label: 'icrs' },
  { value: 'fk5', label: 'fk5' },
  { value: 'galactic', label: 'galactic' },
];

const close = (): void => useTools.setState({ dialog: undefined });

/** Save the picture that is seen or the regions. */
export function ExportDialog({ context }: { readonly context: PanelContext }) {
  const { kind, run, frame } = context;
  const [system, setSystem] = useState<RegionSystem>('as-read');
  const [notation, setNotation] = useState<SkyNotation>('sexagesimal');
  const [failure, setFailure] = useState<Failure>();
  const regions = regionsOf(useRegionDocument());
  const name = [run?.science?.name ?? 'field', kind].join('-').replace(/[^\w.+-]+/g, '_');
  const attempt = (work: () => Promise<string> | string) => (): void => {
    setFailure(undefined);
    Promise.resolve()
      .then(work)
      .then((saved) => {
        close();
        announce(`saved ${saved}`);
      })
      .catch((error: unknown) => setFailure(describeFailure(error)));
  };
  const action = (
    id: string,
    title: string,
    keys: readonly string[],
    run: () => void,
    isEnabled = true,
  ): Action => ({
    id: `export.${id}`,
    title,
    keys,
    isEnabled,
    run,
  });
  const actions = [
    action(
      'png',
      'Picture of this pane (PNG)',
      ['P'],
      attempt(() => savePicture(context, name)),
    ),
    action(
      'regions',
      `${regions.length} ${regions.length === 1 ? 'region' : 'regions'} (DS9)`,
      ['R'],
      attempt(() => {
        saveRegions(name, frame, system, notation);
        return `${name}.reg`;
      }),
      regions.length > 0,
    ),
  ];
  return (
    <Dialog title={`Export from the ${kind} image`} onClose={close} actions={actions}>
      {failure !== undefined && <FailureNote failure={failure} />}
      <div className="export-rows">
        <ActionButton action={actions[0]!} look="outline" />
        <span className="dim">as it is seen, with regions, grid, markers and scale</span>
        <ActionButton action={actions[1]!} look="outline" />
        <span className="tool-buttons">
          <Menu
            name="in"
            value={SYSTEMS.find(({ value }) => value === system)!.label}
            choices={SYSTEMS.filter(
              ({ value }) => frame.sky !== undefined || !['icrs', 'fk5', 'galactic'].includes(value),
            )}
            isChosen={(value) => value === system}
            onChoose={setSystem}
          />
          <Menu
            name="sky as"
            value={notation}
            choices={(['sexagesimal', 'degrees'] as const).map((value) => ({ value, label: value }))}
            isChosen={(value) => value === notation}
            onChoose={setNotation}
          />
        </span>
      </div>
    </Dialog>
  );
}

async function savePicture({ kind, run, source, unit }: PanelContext, name: string): Promise<string> {
  const pane = document.querySelector<HTMLElement>('.field-pane-active');
  const behind = document.querySelector<HTMLCanvasElement>('.viewer-canvas');
  if (pane === null || behind === null) throw new Error('There is no image to draw.');
  const { displays, camera } = useFieldView.getState();
  const display = displays[kind];
  const limits = source && resolveLimits(display.limits, source.statistics);
  const captions = [
    run?.science?.object ?? run?.science?.name ?? '',
    NAMES[kind],
    limits === undefined ? '' : `${limits.lo.toPrecision(4)} … ${limits.hi.toPrecision(4)} ${unit}`,
    display.stretch,
    camera === undefined ? '' : formatZoom(camera.zoom),
  ];
  saveFile(`${name}.png`, await encodePng(drawPane(pane, behind, captions)));
  return `${name}.png`;
}
