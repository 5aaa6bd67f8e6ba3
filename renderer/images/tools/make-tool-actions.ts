import type { RegionFrame } from '../../../core/api/contract/index.ts';
import { announce } from '../../ui/announce.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { nextOf } from '../field-view.ts';
import { changeRegion, regionsOf, removeRegion, selectedOf, setRole } from './region-document.ts';
import { openRegions } from './region-files.ts';
import { currentHistory, editRegions, redoRegions, selectRegion, undoRegions } from './region-store.ts';
import { DRAWN_SHAPES, moveRegion } from './shape-region.ts';
import { NOTATIONS, type Panel, type Tool, takeTool, togglePanel, useTools } from './tools-view.ts';

/** What each panel is called, and its key. */
export const PANEL_NAMES: Readonly<Record<Panel, { readonly title: string; readonly chord: string }>> = {
  regions: { title: 'Regions', chord: 'Shift+R' },
  source: { title: 'Source', chord: 'Shift+A' },
  cut: { title: 'Line cut', chord: 'Shift+C' },
  histogram: { title: 'Histogram', chord: 'U' },
  pixels: { title: 'Pixels', chord: 'Shift+X' },
  contours: { title: 'Contours', chord: 'Shift+N' },
  header: { title: 'Header', chord: 'Shift+F' },
};

/** Everything keys do with tools and regions. */
export function makeToolActions(frame: RegionFrame) {
  const { setState, getState } = useTools;
  const action = (id: string, title: string, keys: readonly string[], run: () => void): Action => ({
    id: `tools.${id}`,
    title,
    keys,
    run,
  });
  const tool = (name: Tool, title: string, chord: string): Action =>
    action(name, title, [chord], () => {
      takeTool(name);
      announce(getState().tool === 'look' ? 'tool put down' : title);
    });
  const panel = (name: Panel, title: string): Action =>
    action(`panel-${name}`, title, [PANEL_NAMES[name].chord], () => togglePanel(name));
  const named = {
    source: tool(
      'source',
      'Measure a source: aperture photometry and radial profile',
      PANEL_NAMES.source.chord,
    ),
    cut: tool('cut', 'Cut along a line', PANEL_NAMES.cut.chord),
    ruler: tool('ruler', 'Ruler: distance and position angle', 'Shift+D'),
    regions: panel('regions', 'Regions: list and statistics'),
    histogram: panel('histogram', 'Histogram with the limits'),
    pixels: panel('pixels', 'Table of pixels'),
    contours: panel('contours', 'Contours'),
    header: panel('header', 'Header and HDUs'),
    grid: action('grid', 'Coordinate grid', ['Ctrl+G'], () =>
      setState(({ hasGrid }) => ({ hasGrid: !hasGrid })),
    ),
    goTo: action('go-to', 'Go to a place', ['Shift+G'], () => setState({ dialog: 'go-to' })),
    export: action('export', 'Export image, cutout or regions', ['Ctrl+E'], () =>
      setState({ dialog: 'export' }),
    ),
    open: action('open-regions', 'Open a region file', ['Ctrl+I'], () => void openRegions(frame)),
  };
  const rest: Action[] = [
    action('notation', 'Sky as sexagesimal, degrees or galactic', ['Shift+S'], () => {
      setState(({ notation }) => ({ notation: nextOf(NOTATIONS, notation) }));
      announce(`sky in ${getState().notation}`);
    }),
    action('marks', 'Compass and scale bar', ['Shift+M'], () =>
      setState(({ hasScale }) => ({ hasScale: !hasScale })),
    ),
    action('draw-contours', 'Contours on and off', ['Shift+Q'], () =>
      setState(({ contours }) => ({ contours: { ...contours, isOn: !contours.isOn } })),
    ),
    action('shape', 'Next shape that Alt-drag draws', ['Shift+V'], () => {
      setState(({ shape }) => ({ shape: nextOf(DRAWN_SHAPES, shape) }));
      announce(`Alt-drag draws a ${getState().shape}`);
    }),
  ];
  return { named, all: [...Object.values(named), ...rest] };
}

/** What keys do with regions; letters of DS9 mean regions only while one is chosen. */
export function makeRegionActions(): {
  readonly named: Readonly<Record<'undo' | 'redo' | 'delete', Action>>;
  readonly all: readonly Action[];
} {
  const history = currentHistory();
  const selected = selectedOf(history.present);
  const isChosen = selected !== undefined;
  const change = (turn: (id: string) => void) => () => {
    if (selected !== undefined) turn(selected.id);
  };
  const action = (
    id: string,
    title: string,
    keys: readonly string[],
    run: () => void,
    isEnabled = isChosen,
  ): Action => ({
    id: `regions.${id}`,
    title,
    keys,
    isEnabled,
    run,
  });
  const dress = (
    turn: (now: NonNullable<typeof selected>['dress']) => NonNullable<typeof selected>['dress'],
  ) =>
    change((id) => editRegions((document) => changeRegion(document, id, { dress: turn(selected!.dress) })));
  const nudge = (dx: number, dy: number) =>
    change((id) =>
      editRegions((document) =>
        changeRegion(document, id, { geometry: moveRegion(selected!.geometry, dx, dy) }),
      ),
    );
  const named = {
    undo: action('undo', 'Undo in the regions', ['Ctrl+Z'], undoRegions, history.past.length > 0),
    redo: action(
      'redo',
      'Do it again in the regions',
      ['Ctrl+Shift+Z'],
      redoRegions,
      history.future.length > 0,
    ),
    delete: action(
      'delete',
      'Delete the region',
      ['Delete', 'Backspace'],
      change((id) => editRegions((document) => removeRegion(document, id))),
    ),
  };
  const step = (by: number): void => {
    const regions = regionsOf(currentHistory().present);
    if (regions.length === 0) return;
    const at = regions.findIndex(({ id }) => id === selected?.id);
    selectRegion(regions[(at + by + regions.length) % regions.length]!.id);
  };
  const rest: Action[] = [
    action('next', 'Next region', ['Alt+N'], () => step(1), true),
    action(
      'include',
      'Include the region',
      ['I'],
      dress((now) => ({ ...now, isExcluded: false })),
    ),
    action(
      'exclude',
      'Exclude the region',
      ['E'],
      dress((now) => ({ ...now, isExcluded: true })),
    ),
    action(
      'source',
      'Region is source',
      ['S'],
      dress((now) => setRole(now, 'source')),
    ),
    action(
      'background',
      'Region is background',
      ['B'],
      dress((now) => setRole(now, 'background')),
    ),
    { ...action('left', 'Region one pixel left', ['Ctrl+ArrowLeft'], nudge(-1, 0)), repeats: true },
    { ...action('right', 'Region one pixel right', ['Ctrl+ArrowRight'], nudge(1, 0)), repeats: true },
    { ...action('up', 'Region one pixel up', ['Ctrl+ArrowUp'], nudge(0, 1)), repeats: true },
    { ...action('down', 'Region one pixel down', ['Ctrl+ArrowDown'], nudge(0, -1)), repeats: true },
    action(
      'all',
      'Delete all regions',
      ['Ctrl+Shift+Delete'],
      () => editRegions(() => ({ entries: [], selectedId: undefined })),
      history.present.entries.length > 0,
    ),
  ];
  return { named, all: [...Object.values(named), ...rest] };
}

/** Put a tool down, or let go of a region: what Escape means before it means anything else. */
export function makeLetGoAction(tool: Tool, hasSelection: boolean): Action {
  return {
    id: 'tools.let-go',
    title: tool === 'look' ? 'Let go of the region' : 'Put the tool down',
    keys: ['Escape'],
    isEnabled: tool !== 'look' || hasSelection,
    run: () => (tool === 'look' ? selectRegion(undefined) : useTools.setState({ tool: 'look' })),
  };
}
