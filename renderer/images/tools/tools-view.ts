import { create } from 'zustand';
import type { RegionGeometry } from '../../../core/api/contract/index.ts';
import type { ApertureRadii, ContourLevel, Point } from '../../viewer/index.ts';
import type { PaneKind } from '../field-view.ts';
import type { DrawnShape } from './shape-region.ts';

/** What a click or a drag on an image does. */
export const TOOLS = ['look', 'ruler', 'cut', 'source'] as const;
export type Tool = (typeof TOOLS)[number];

/** What the strip under the images shows. */
export const PANELS = ['regions', 'source', 'cut', 'histogram', 'pixels', 'contours', 'header'] as const;
export type Panel = (typeof PANELS)[number];

/** How places of the sky are written. */
export const NOTATIONS = ['sexagesimal', 'degrees', 'galactic'] as const;
export type Notation = (typeof NOTATIONS)[number];

/** A line between two places. */
export interface Span {
  readonly from: Point;
  readonly to: Point;
}

/** How contours are drawn. */
export interface ContourChoice {
  readonly isOn: boolean;
  /** The image they are of; they lie over all. */
  readonly of: PaneKind;
  /** As typed; without it they rise from the sky. */
  readonly levels: readonly number[] | undefined;
  /** Sigma of the smoothing, screen pixels; 0 leaves the image as it is. */
  readonly smooth: number;
}

/** What the person does with tools. */
export interface ToolsView {
  readonly tool: Tool;
  /** What Alt-drag draws. */
  readonly shape: DrawnShape;
  readonly panel: Panel | undefined;
  readonly notation: Notation;
  readonly hasGrid: boolean;
  /** Compass and scale bar. */
  readonly hasScale: boolean;
  readonly contours: ContourChoice;
  /** What was traced last, for the part that was in view then. */
  readonly contourLines: readonly ContourLevel[];
  readonly ruler: Span | undefined;
  readonly cut: Span | undefined;
  /** Parallel lines that a cut averages. */
  readonly cutWidthPx: number;
  /** Where apertures lie, and how large they are. */
  readonly spot: Point | undefined;
  readonly radii: ApertureRadii;
  /** A shape under the hand, not yet part of the document. */
  readonly draft: { readonly id: string | undefined; readonly geometry: RegionGeometry } | undefined;
  readonly dialog: 'go-to' | 'export' | undefined;
}

export const FIRST_TOOLS: ToolsView = {
  tool: 'look',
  shape: 'circle',
  panel: undefined,
  notation: 'sexagesimal',
  hasGrid: false,
  hasScale: true,
  contours: { isOn: false, of: 'science', levels: undefined, smooth: 2 },
  contourLines: [],
  ruler: undefined,
  cut: undefined,
  cutWidthPx: 1,
  spot: undefined,
  radii: { radius: 6, skyInner: 12, skyOuter: 18 },
  draft: undefined,
  dialog: undefined,
};

export const useTools = create<ToolsView>(() => FIRST_TOOLS);

/** Forget what lies at places: another field is shown. Taste is kept. */
export function forgetPlaces(): void {
  useTools.setState({
    tool: 'look',
    contourLines: [],
    ruler: undefined,
    cut: undefined,
    spot: undefined,
    draft: undefined,
  });
}

/** Take a tool, or put it down when it is in the hand. Its panel comes with it. */
export function takeTool(tool: Tool): void {
  useTools.setState((tools) => {
    if (tools.tool === tool) return { tool: 'look' };
    return tool === 'cut' || tool === 'source' ? { tool, panel: tool } : { tool };
  });
}

/** Open a panel, or close it when it is open. */
export function togglePanel(panel: Panel): void {
  useTools.setState((tools) => ({ panel: tools.panel === panel ? undefined : panel }));
}
