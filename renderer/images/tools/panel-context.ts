import type { Run } from '../../../core/api/contract/index.ts';
import type { FieldPlane, FieldPlanes } from '../../api/field-planes.ts';
import type { ImageSource, SkyGrid } from '../../viewer/index.ts';
import type { PaneKind } from '../field-view.ts';
import type { ImageFrame, PhysicalFacts } from './image-frame.ts';

/** Where the images on screen come from: a run of the line, or a file that is looked at. */
export type ImageOrigin =
  | { readonly kind: 'run'; readonly run: Run | undefined }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly name: string;
      readonly hdu: number;
      readonly slice: number;
      readonly physical: PhysicalFacts | undefined;
    };

/** The file behind an image: that of the exposure, or the one that is looked at. */
export function pathOfOrigin(origin: ImageOrigin, kind: PaneKind): string | undefined {
  if (origin.kind === 'file') return origin.path;
  return kind === 'template' ? origin.run?.templatePath : origin.run?.sciencePath;
}

/** What an image is called where it is saved. */
export function nameOfOrigin(origin: ImageOrigin, kind: PaneKind): string {
  const name =
    origin.kind === 'file'
      ? `${origin.name.replace(/(\.(fits?|fts))?(\.(fz|gz))?$/i, '')}-${origin.hdu}`
      : `${origin.run?.science?.name ?? 'field'}-${kind}`;
  return name.replace(/[^\w.+-]+/g, '_');
}

/** What panels speak of: the image of the active pane, and where it lies. */
export interface PanelContext {
  readonly kind: PaneKind;
  readonly planes: FieldPlanes;
  readonly plane: FieldPlane | undefined;
  readonly source: ImageSource | undefined;
  readonly unit: string;
  readonly frame: ImageFrame;
  readonly sky: SkyGrid | undefined;
  readonly origin: ImageOrigin;
}

/** The magnitude of one count of an image a second, and how long it was exposed. */
export interface MagnitudeScale {
  readonly zeropointMag: number;
  readonly exposureS: number;
}

/**
 * Find the zeropoint of an image: the science exposure's, where the line has measured one.
 *
 * The difference is in the science exposure's electrons; the template has a scale of its own.
 */
export function magnitudeScaleOf(origin: ImageOrigin, kind: PaneKind): MagnitudeScale | undefined {
  if (origin.kind !== 'run' || (kind !== 'science' && kind !== 'difference')) return undefined;
  const { run } = origin;
  const metrics = run?.stages.find(({ stage }) => stage === 'preprocess')?.metrics;
  const zeropointMag = metrics?.zeropointMag;
  const exposureS = run?.science?.exposureS;
  return zeropointMag === undefined || !exposureS ? undefined : { zeropointMag, exposureS };
}

/** Turn a flux and its error into a magnitude; `undefined` for what is not brighter than nothing. */
export function magnitudeOf(
  flux: number,
  fluxErr: number,
  { zeropointMag, exposureS }: MagnitudeScale,
): { readonly mag: number; readonly magErr: number } | undefined {
  if (!(flux > 0)) return undefined;
  return {
    mag: zeropointMag - 2.5 * Math.log10(flux / exposureS),
    magErr: (2.5 / Math.LN10) * (fluxErr / flux),
  };
}
