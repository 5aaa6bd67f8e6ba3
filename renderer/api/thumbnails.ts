import { useQuery } from '@tanstack/react-query';
import type { Run } from '../../core/api/contract/index.ts';
import { type ImageSource, makeSource } from '../viewer/index.ts';
import { blobUrl } from './client.ts';

/** Side of a small picture of a field, device pixels. */
const SIDE = 44;

/** A small picture of a run's science image: every Nth pixel, whatever its size. */
export function useThumbnail(picture: Run['picture']): ImageSource | undefined {
  return (
    useQuery({
      queryKey: ['thumbnail', picture?.sha256 ?? ''],
      queryFn: async ({ signal }): Promise<ImageSource | null> => {
        const { sha256, width, height } = picture!;
        const step = Math.min(4096, Math.max(1, Math.floor(Math.min(width, height) / SIDE)));
        const response = await fetch(`${blobUrl(sha256)}${step > 1 ? `?step=${step}` : ''}`, { signal });
        // A plane whose blob was let go of has no picture any more.
        if (!response.ok) return null;
        const pixels = new Float32Array(await response.arrayBuffer());
        return makeSource(`thumbnail/${sha256}`, pixels, Math.ceil(width / step), Math.ceil(height / step));
      },
      enabled: picture !== undefined,
      gcTime: 120_000,
    }).data ?? undefined
  );
}
