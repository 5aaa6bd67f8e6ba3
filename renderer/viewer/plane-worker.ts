import { buildLevels } from './build-levels.ts';
import { measurePlane } from './measure-plane.ts';
import type { ImageLevel, PlaneStatistics } from './model.ts';

/** What the worker is asked: fetch a plane, or stop fetching it. */
export type PlaneRequest =
  | {
      readonly kind: 'load';
      readonly id: string;
      readonly url: string;
      readonly width: number;
      readonly height: number;
    }
  | { readonly kind: 'cancel'; readonly id: string };

/** What the worker answers; the pixels are handed over, not copied. */
export type PlaneAnswer =
  | { readonly kind: 'progress'; readonly id: string; readonly loadedBytes: number }
  | {
      readonly kind: 'done';
      readonly id: string;
      readonly levels: readonly ImageLevel[];
      readonly statistics: PlaneStatistics;
    }
  | { readonly kind: 'failed'; readonly id: string; readonly message: string };

/** Bytes between two reports of progress. */
const REPORT_BYTES = 1 << 20;

const running = new Map<string, AbortController>();

const answer = (message: PlaneAnswer, transfer: Transferable[] = []): void =>
  postMessage(message, { transfer });

addEventListener('message', (event: MessageEvent<PlaneRequest>) => {
  const request = event.data;
  if (request.kind === 'cancel') {
    running.get(request.id)?.abort();
    return;
  }
  const abort = new AbortController();
  running.set(request.id, abort);
  void load(request, abort.signal)
    .catch((error: unknown) => {
      if (abort.signal.aborted) return;
      answer({
        kind: 'failed',
        id: request.id,
        message: error instanceof Error ? error.message : String(error),
      });
    })
    .finally(() => running.delete(request.id));
});

async function load(
  { id, url, width, height }: Extract<PlaneRequest, { kind: 'load' }>,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, { signal });
  if (!response.ok || response.body === null) throw new Error(`The server answered ${response.status}.`);
  const bytes = new Uint8Array(width * height * 4);
  let loadedBytes = 0;
  let reportedBytes = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (loadedBytes + value.length > bytes.length)
      throw new Error(`The file is longer than ${width} × ${height} pixels.`);
    bytes.set(value, loadedBytes);
    loadedBytes += value.length;
    if (loadedBytes - reportedBytes < REPORT_BYTES) continue;
    reportedBytes = loadedBytes;
    answer({ kind: 'progress', id, loadedBytes });
  }
  if (loadedBytes !== bytes.length)
    throw new Error(`The file ends after ${loadedBytes} of ${bytes.length} bytes.`);
  // Every machine that runs this is little-endian, as the pixels are.
  const levels = buildLevels(new Float32Array(bytes.buffer), width, height);
  const statistics = measurePlane(levels[0]!.data, width, height);
  const buffers = [...levels.map((level) => level.data.buffer), statistics.sortedSample.buffer];
  answer({ kind: 'done', id, levels, statistics }, buffers as ArrayBuffer[]);
}
