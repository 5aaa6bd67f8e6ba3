import { buildLevels } from './build-levels.ts';
import { zscaleGrid, zscaleOfSample } from './compute-zscale.ts';
import { measurePlane, measureSample } from './measure-plane.ts';
import type { ImageLevel, Limits, PlaneStatistics } from './model.ts';
import { pixelsUrl } from './pixels-url.ts';

/** Where a plane is, for the worker. */
interface Place {
  readonly id: string;
  /** Absolute: a worker has its own idea of what an address is relative to. */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** What the worker is asked: a first look at a plane, all that is to be known of it, or to stop. */
export type PlaneRequest =
  | ({ readonly kind: 'load'; readonly firstLevel: number } & Place)
  | ({ readonly kind: 'survey'; readonly firstLevel: number; readonly statistics: PlaneStatistics } & Place)
  | { readonly kind: 'cancel'; readonly id: string };

/** What the worker answers; the pixels are handed over, not copied. */
export type PlaneAnswer =
  | {
      readonly kind: 'progress';
      readonly id: string;
      readonly loadedBytes: number;
      readonly totalBytes: number;
    }
  | {
      readonly kind: 'loaded' | 'surveyed';
      readonly id: string;
      /** From the first level asked for to the coarsest. */
      readonly levels: readonly ImageLevel[];
      readonly statistics: PlaneStatistics;
    }
  | {
      readonly kind: 'failed' | 'declined';
      readonly id: string;
      readonly message: string;
      readonly isAway: boolean;
    };

/** Bytes between two reports of progress. */
const REPORT_BYTES = 1 << 20;

const running = new Map<string, AbortController>();

const answer = (message: PlaneAnswer, transfer: Transferable[] = []): void =>
  postMessage(message, { transfer });

addEventListener('message', (event: MessageEvent<PlaneRequest>) => {
  const request = event.data;
  running.get(request.id)?.abort();
  if (request.kind === 'cancel') return;
  const abort = new AbortController();
  running.set(request.id, abort);
  const work = request.kind === 'load' ? load(request, abort.signal) : survey(request, abort.signal);
  void work
    .catch((error: unknown) => {
      if (abort.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      // What could not be surveyed has been seen already: it stays a sample.
      const isAway = error instanceof AwayError;
      answer({ kind: request.kind === 'load' ? 'failed' : 'declined', id: request.id, message, isAway });
    })
    .finally(() => running.get(request.id) === abort && running.delete(request.id));
});

async function load(
  { id, url, width, height, firstLevel }: Extract<PlaneRequest, { kind: 'load' }>,
  signal: AbortSignal,
): Promise<void> {
  const step = 2 ** firstLevel;
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const first = readPixels(
    pixelsUrl(url, step === 1 ? {} : { step }),
    columns * rows,
    signal,
    (loadedBytes) => answer({ kind: 'progress', id, loadedBytes, totalBytes: columns * rows * 4 }),
  );
  const zscale = step === 1 ? undefined : readZscale(url, width, height, signal);
  // Whichever fails first is told; the other must not be left without anyone to hear of it.
  const [pixels, limits] = await Promise.all([first, zscale]);
  const measured = measurePlane(pixels, columns, rows);
  const statistics =
    step === 1 ? measured : { ...measured, isExact: false, zscale: limits ?? measured.zscale };
  hand('loaded', id, buildLevels(pixels, columns, rows), statistics);
}

/** Limits by zscale on its own grid, from the few rows that it samples. */
async function readZscale(
  url: string,
  width: number,
  height: number,
  signal: AbortSignal,
): Promise<Limits | undefined> {
  const { columnStep, lineStep, perLine, firstRow } = zscaleGrid(width, height);
  const rows = height - 1 - firstRow;
  if (rows <= 0) return undefined;
  const query = { y: firstRow, height: rows, step: columnStep, stepY: lineStep };
  const sample = await readPixels(pixelsUrl(url, query), perLine * Math.ceil(rows / lineStep), signal);
  return zscaleOfSample(sample.filter(Number.isFinite));
}

/** Let the core look at all pixels: they would be too many to be sent. */
async function survey(
  { id, url, firstLevel, statistics }: Extract<PlaneRequest, { kind: 'survey' }>,
  signal: AbortSignal,
): Promise<void> {
  const query = { survey: 2 ** firstLevel, ...middleOf(statistics) };
  const response = await fetch(pixelsUrl(url, query), { signal, cache: 'no-store' });
  if (!response.ok) throw await explain(response);
  const [height, width] = numbersOf(response, 'x-astrid-shape') as [number, number];
  const [min, max] = numbersOf(response, 'x-astrid-range') as [number, number];
  const [finiteCount] = numbersOf(response, 'x-astrid-finite') as [number];
  const bytes = await response.arrayBuffer();
  const means = new Float32Array(bytes.slice(0, 4 * width * height));
  const ranks = new Float32Array(bytes.slice(4 * width * height));
  const facts = { isExact: true, min, max, finiteCount, zscale: statistics.zscale };
  hand('surveyed', id, buildLevels(means, width, height), measureSample(ranks, facts));
}

/** Sigmas from the median to either end of where ranks are to be finest. */
const MIDDLE_SIGMAS = 50;

/** Where the sky lies, with room; never empty, also when nearly all of a sample is one value. */
function middleOf({ median, sigma, sortedSample }: PlaneStatistics): Limits {
  const reach = MIDDLE_SIGMAS * sigma;
  if (median + reach > median - reach) return { lo: median - reach, hi: median + reach };
  const [lo, hi] = [sortedSample[0] ?? 0, sortedSample.at(-1) ?? 0];
  return hi > lo ? { lo, hi } : { lo, hi: lo + Math.max(1e-6 * Math.abs(lo), 1e-30) };
}

function numbersOf(response: Response, header: string): number[] {
  return (response.headers.get(header) ?? '').split(',').map(Number);
}

function hand(
  kind: 'loaded' | 'surveyed',
  id: string,
  levels: readonly ImageLevel[],
  statistics: PlaneStatistics,
): void {
  const buffers = [...levels.map((level) => level.data.buffer), statistics.sortedSample.buffer];
  answer({ kind, id, levels, statistics }, buffers as ArrayBuffer[]);
}

async function readPixels(
  url: string,
  count: number,
  signal: AbortSignal,
  tell?: (loadedBytes: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  // The core is on this machine: keeping its answers again on the disk would only cost.
  const response = await fetch(url, { signal, cache: 'no-store' });
  if (!response.ok || response.body === null) throw await explain(response);
  const bytes = new Uint8Array(count * 4);
  let loadedBytes = 0;
  let reportedBytes = 0;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (loadedBytes + value.length > bytes.length)
      throw new Error(`The answer is longer than ${count} pixels.`);
    bytes.set(value, loadedBytes);
    loadedBytes += value.length;
    if (loadedBytes - reportedBytes < REPORT_BYTES) continue;
    reportedBytes = loadedBytes;
    tell?.(loadedBytes);
  }
  if (loadedBytes !== bytes.length)
    throw new Error(`The answer ends after ${loadedBytes} of ${bytes.length} bytes.`);
  // Every machine that runs this is little-endian, as the pixels are.
  return new Float32Array(bytes.buffer);
}

/** The core cannot have the pixels now: they may come later. */
class AwayError extends Error {}

/** The core says in words what is wrong. */
async function explain(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => undefined)) as { detail?: string } | undefined;
  const message = body?.detail ?? `The core answered ${response.status}.`;
  return response.status === 503 ? new AwayError(message) : new Error(message);
}
