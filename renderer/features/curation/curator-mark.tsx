import type { Curator } from '../../../core/api/contract/index.ts';

const SHAPES: Readonly<Record<Curator['shape'], string>> = {
  disc: 'M7 2A5 5 0 1 1 7 12A5 5 0 1 1 7 2Z',
  square: 'M2.5 2.5H11.5V11.5H2.5Z',
  triangle: 'M7 2 12.4 11.6H1.6Z',
  diamond: 'M7 1.2 12.8 7 7 12.8 1.2 7Z',
  hexagon: 'M4 1.8H10L13 7 10 12.2H4L1 7Z',
  cross: 'M5 1.5H9V5H12.5V9H9V12.5H5V9H1.5V5H5Z',
};

/** A curator's mark: a shape first, a colour second. */
export function CuratorMark({ curator }: { readonly curator: Pick<Curator, 'shape' | 'colour'> }) {
  return (
    <svg
      className={`mark curator-mark curator-${curator.colour}`}
      width="14"
      height="14"
      viewBox="0 0 14 14"
      aria-hidden="true"
    >
      <path d={SHAPES[curator.shape]} fill="currentColor" />
    </svg>
  );
}
