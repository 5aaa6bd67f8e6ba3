import { ORPCError } from '@orpc/client';
import { useState } from 'react';
import { Problem, type SkyNotation } from '../../../core/api/contract/index.ts';
import { describeFailure, type Failure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Menu } from '../../ui/menu.tsx';
import {
  type Camera,
  clipBounds,
  fitCamera,
  formatZoom,
  type ImageSource,
  type PixelBounds,
  resolveLimits,
  type Size,
  visibleBox,
} from '../../viewer/index.ts';
import { useFieldView } from '../field-view.ts';
import { cameraIn } from '../locks.ts';
import { NAMES } from '../pane-words.tsx';
import { boundsOf } from './contain-point.ts';
import { drawPane, encodePng } from './export-png.ts';
import { saveFile } from './files.ts';
import { nameOfOrigin, type PanelContext } from './panel-context.ts';
import { type RegionSystem, regionsOf, selectedOf } from './region-document.ts';
import { saveRegions } from './region-files.ts';
import { currentHistory, useRegionDocument } from './region-store.ts';
import { useTools } from './tools-view.ts';

const SYSTEMS: readonly { readonly value: RegionSystem; readonly label: string }[] = [
  { value: 'as-read', label: 'as they came' },
  { value: 'image', label: 'image' },
  { value: 'physical', label: 'physical' },
  { value: 'icrs', label: 'icrs' },
  { value: 'fk5', label: 'fk5' },
  { value: 'galactic', label: 'galactic' },
];

/** What a cutout is of. */
type Part = 'view' | 'region' | 'whole';
const PARTS: Readonly<Record<Part, string>> = {
  view: 'what is in view',
  region: 'the chosen region',
  whole: 'the whole image',
};

const close = (): void => useTools.setState({ dialog: undefined });

/** Save the picture that is seen, a part of the image, or the regions. */
export function ExportDialog({ context }: { readonly context: PanelContext }) {
  const { kind, frame, source, origin } = context;
  const [system, setSystem] = useState<RegionSystem>('as-read');
  const [notation, setNotation] = useState<SkyNotation>('sexagesimal');
  const [failure, setFailure] = useState<Failure>();
  const regionDocument = useRegionDocument();
  const regions = regionsOf(regionDocument);
  const selected = selectedOf(regionDocument);
  const [part, setPart] = useState<Part>(selected === undefined ? 'view' : 'region');
  const name = nameOfOrigin(origin, kind);
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
      'cutout',
      'FITS cutout',
      ['F'],
      attempt(() => saveCutout(context, part)),
      source !== undefined,
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
    <Dialog
      title={origin.kind === 'file' ? `Export from ${origin.name}` : `Export from the ${kind} image`}
      onClose={close}
      actions={actions}
    >
      {failure !== undefined && <FailureNote failure={failure} />}
      <div className="export-rows">
        <ActionButton action={actions[0]!} look="outline" />
        <span className="dim">as it is seen, with regions, grid, markers and scale</span>
        <ActionButton action={actions[1]!} look="outline" />
        <span className="tool-buttons">
          <Menu
            name="of"
            value={PARTS[part]}
            choices={(selected === undefined
              ? (['view', 'whole'] as const)
              : (['view', 'region', 'whole'] as const)
            ).map((value) => ({ value, label: PARTS[value] }))}
            isChosen={(value) => value === part}
            onChoose={setPart}
          />
        </span>
        <ActionButton action={actions[2]!} look="outline" />
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

async function savePicture({ kind, origin, source, unit }: PanelContext, name: string): Promise<string> {
  const pane = document.querySelector<HTMLElement>('.field-pane-active');
  const behind = document.querySelector<HTMLCanvasElement>('.viewer-canvas');
  if (pane === null || behind === null) throw new Error('There is no image to draw.');
  const display = useFieldView.getState().displays[kind];
  const surface = pane.querySelector<HTMLElement>('.image-surface');
  const camera = source && surface && sightOf(surface, source).camera;
  const limits = source && resolveLimits(display.limits, source.statistics);
  const captions = [
    origin.kind === 'file' ? origin.name : (origin.run?.science?.object ?? origin.run?.science?.name ?? ''),
    origin.kind === 'file' ? '' : NAMES[kind],
    limits === undefined ? '' : `${limits.lo.toPrecision(4)} … ${limits.hi.toPrecision(4)} ${unit}`,
    display.stretch,
    camera ? formatZoom(camera.zoom) : '',
  ];
  saveFile(`${name}.png`, await encodePng(drawPane(pane, behind, captions)));
  return `${name}.png`;
}

/** Let the core cut a FITS file, with the sky's coordinates for its pixels. */
async function saveCutout({ kind, origin, source }: PanelContext, part: Part): Promise<string> {
  const bounds = source && clipBounds(boundsOfPart(part, source) ?? wholeOf(source), source);
  const from = addressOf(origin, kind);
  if (bounds === undefined || from === undefined) throw new Error('No pixel of the image is in view.');
  const url = new URL('/cutout', location.href);
  url.search = new URLSearchParams({
    ...from,
    x: String(bounds.left),
    y: String(bounds.bottom),
    width: String(bounds.right - bounds.left + 1),
    height: String(bounds.top - bounds.bottom + 1),
  }).toString();
  const answer = await fetch(url);
  if (!answer.ok) throw await failureOf(answer);
  const [, name = 'cutout.fits'] =
    /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '') ?? [];
  saveFile(name, await answer.blob());
  return name;
}

/** What names the image in a request. */
function addressOf(
  origin: PanelContext['origin'],
  kind: PanelContext['kind'],
): Record<string, string> | undefined {
  if (origin.kind === 'file')
    return { path: origin.path, hdu: String(origin.hdu), slice: String(origin.slice) };
  return origin.run && { run: origin.run.id, kind };
}

function boundsOfPart(part: Part, source: ImageSource): PixelBounds | undefined {
  const surface = document.querySelector<HTMLElement>('.field-pane-active .image-surface');
  if (part === 'whole' || surface === null) return undefined;
  const selected = selectedOf(currentHistory().present);
  if (part === 'region') return selected && boundsOf(selected.geometry);
  const { camera, viewport } = sightOf(surface, source);
  return visibleBox(camera, viewport);
}

/** Where the active pane looks, and its size, device pixels. */
function sightOf(surface: HTMLElement, source: ImageSource): { camera: Camera; viewport: Size } {
  const ratio = window.devicePixelRatio;
  const viewport = { width: surface.clientWidth * ratio, height: surface.clientHeight * ratio };
  const view = useFieldView.getState();
  return { camera: cameraIn(view, view.active) ?? fitCamera(source, viewport), viewport };
}

function wholeOf({ width, height }: ImageSource): PixelBounds {
  return { left: 0, bottom: 0, right: width - 1, top: height - 1 };
}

async function failureOf(answer: Response): Promise<Error> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  if (!problem.success) return new Error(`The core answered ${answer.status}.`);
  const { code, detail } = problem.data;
  return new ORPCError(code, { status: answer.status, message: detail });
}
