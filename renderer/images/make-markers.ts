import type { Candidate } from '../../core/api/contract/index.ts';
import type { Marker, MarkerShape, MarkerTone } from '../viewer/index.ts';

const LOOKS: Readonly<
  Record<'real' | 'bogus' | 'unsure' | 'none', { shape: MarkerShape; tone: MarkerTone }>
> = {
  real: { shape: 'ring-dot', tone: 'ok' },
  bogus: { shape: 'ring-cross', tone: 'error' },
  unsure: { shape: 'ring-half', tone: 'warn' },
  none: { shape: 'ring', tone: 'plain' },
};

/** Draw candidates as rings with the sign of their verdict; the chosen one last, so that it lies on top. */
export function makeMarkers(
  candidates: readonly Candidate[],
  selectedId: string | undefined,
): readonly Marker[] {
  const markers = candidates.map((candidate) => ({
    id: candidate.id,
    x: candidate.xPx,
    y: candidate.yPx,
    ...LOOKS[candidate.label?.verdict ?? 'none'],
    isSelected: candidate.id === selectedId,
  }));
  return markers.sort((a, b) => Number(a.isSelected) - Number(b.isSelected));
}
