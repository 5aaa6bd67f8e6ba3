import { useQuery } from '@tanstack/react-query';
import type { Field } from '../../core/api/contract/index.ts';
import { MaskBuilder, type MaskSource } from '../viewer/index.ts';
import { blobUrl } from './client.ts';

/** The mask of a difference; fetched when it is wanted. */
export function useMask(field: Field | undefined, isWanted: boolean) {
  const plane = field?.planes.find(({ kind, dtype }) => kind === 'mask' && dtype === 'uint16');
  const query = useQuery({
    queryKey: ['mask', plane?.sha256],
    queryFn: async ({ signal }): Promise<MaskSource> => {
      const response = await fetch(blobUrl(plane!.sha256), { signal });
      if (!response.ok || response.body === null)
        throw new Error(`The mask could not be read: the core answered ${response.status}.`);
      const builder = new MaskBuilder(plane!.width, plane!.height);
      for (const reader = response.body.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) return builder.finish();
        builder.take(value);
      }
    },
    enabled: isWanted && plane !== undefined,
    // Tens of megabytes: kept while it is shown and a little longer.
    gcTime: 60_000,
  });
  return { ...query, isThere: plane !== undefined };
}
