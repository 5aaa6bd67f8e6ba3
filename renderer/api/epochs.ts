import { useEffect, useState } from 'react';
import type { Epoch } from '../../core/api/contract/index.ts';
import { type ImageSource, makeSource } from '../viewer/index.ts';
import { blobUrl } from './client.ts';

/** Side of an epoch's cutout, px. */
const SIZE_PX = 63;
/** Cutouts kept in memory: about 20 kB each. */
const KEPT = 600;

const kept = new Map<string, ImageSource>();

/** Cutouts of epochs by run, as they arrive; those whose pixels cannot be read stay away. */
export function useEpochCutouts(epochs: readonly Epoch[]): ReadonlyMap<string, ImageSource> {
  const [, setArrived] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    for (const epoch of epochs) {
      if (kept.has(addressOf(epoch))) continue;
      fetchCutout(epoch, abort.signal).then(
        () => !abort.signal.aborted && setArrived((n) => n + 1),
        () => undefined,
      );
    }
    return () => abort.abort();
  }, [epochs]);
  return new Map(
    epochs.flatMap((epoch) => {
      const source = kept.get(addressOf(epoch));
      return source === undefined ? [] : [[epoch.runId, source] as const];
    }),
  );
}

/** Bring the cutouts of epochs into memory before they are shown; what cannot be read says so when it is. */
export async function fetchEpochCutouts(epochs: readonly Epoch[], signal: AbortSignal): Promise<void> {
  const missing = epochs.filter((epoch) => !kept.has(addressOf(epoch)));
  await Promise.allSettled(missing.map((epoch) => fetchCutout(epoch, signal)));
}

function addressOf({ plane, xPx, yPx }: Epoch): string {
  return `${plane.sha256}/${Math.round(xPx)},${Math.round(yPx)}`;
}

async function fetchCutout(epoch: Epoch, signal: AbortSignal): Promise<void> {
  const { plane } = epoch;
  const left = Math.round(epoch.xPx) - (SIZE_PX - 1) / 2;
  const bottom = Math.round(epoch.yPx) - (SIZE_PX - 1) / 2;
  const x = Math.max(0, left);
  const y = Math.max(0, bottom);
  const width = Math.min(plane.width, left + SIZE_PX) - x;
  const height = Math.min(plane.height, bottom + SIZE_PX) - y;
  if (width <= 0 || height <= 0) return;
  const response = await fetch(`${blobUrl(plane.sha256)}?x=${x}&y=${y}&width=${width}&height=${height}`, {
    signal,
  });
  if (!response.ok) throw new Error(`The cutout could not be read: the core answered ${response.status}.`);
  const inside = new Float32Array(await response.arrayBuffer());
  // Outside the image there is nothing: not zero, but no value.
  const data = new Float32Array(SIZE_PX * SIZE_PX).fill(Number.NaN);
  for (let row = 0; row < height; row++)
    data.set(inside.subarray(row * width, (row + 1) * width), (y - bottom + row) * SIZE_PX + (x - left));
  const address = addressOf(epoch);
  kept.set(address, makeSource(address, data, SIZE_PX, SIZE_PX));
  if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
}
