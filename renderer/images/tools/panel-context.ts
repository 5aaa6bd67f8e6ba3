import type { Run } from '../../../core/api/contract/index.ts';
import type { FieldPlane, FieldPlanes } from '../../api/field-planes.ts';
import type { ImageSource, SkyGrid } from '../../viewer/index.ts';
import type { PaneKind } from '../field-view.ts';
import type { ImageFrame } from './image-frame.ts';

/** What panels speak of: the image of the active pane, and where it lies. */
export interface PanelContext {
  readonly kind: PaneKind;
  readonly planes: FieldPlanes;
  readonly plane: FieldPlane | undefined;
  readonly source: ImageSource | undefined;
  readonly unit: string;
  readonly frame: ImageFrame;
  readonly sky: SkyGrid | undefined;
  readonly run: Run | undefined;
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
export function magnitudeScaleOf(run: Run | undefined, kind: PaneKind): MagnitudeScale | undefined {
  if (kind !== 'science' && kind !== 'difference') return undefined;
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
