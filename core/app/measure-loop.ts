import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from '../api/ports.ts';

/** How often it is looked, ms: delays below are not told apart. */
const RESOLUTION_MS = 10;

/** Make what tells how late the core came to what was due since it was last asked. */
export function createLoopMeter(closing: AbortSignal): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  closing.addEventListener('abort', () => histogram.disable(), { once: true });
  // The histogram holds whole periods between looks.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000);
  return () => {
    const delay = {
      median: seconds(histogram.percentile(50)),
      p99: seconds(histogram.percentile(99)),
      most: seconds(histogram.max),
    };
    histogram.reset();
    return delay;
  };
}

/** Bytes of a workspace's database and of its log. */
export async function measureDatabase(workspaceDir: string): Promise<number> {
  const sizes = ['workspace.sqlite', 'workspace.sqlite-wal'].map((name) =>
    stat(join(workspaceDir, name)).then(
      ({ size }) => size,
      // A log is there only while something is in it.
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
