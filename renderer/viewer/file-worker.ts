import { buildLevels } from './build-levels.ts';
import { measurePlane } from './measure-plane.ts';
import type { ImageLevel, PlaneStatistics } from './model.ts';
import { type LocalHdu, readLocalHdus, readLocalPlane } from './read-fits.ts';

/** What the worker is asked of a file in the browser. */
export type FileRequest =
  | { readonly kind: 'open'; readonly file: File }
  | { readonly kind: 'plane'; readonly hdu: LocalHdu; readonly slice: number };

/** What it answers; the pixels are handed over, not copied. */
export type FileAnswer =
  | { readonly kind: 'opened'; readonly hdus: readonly LocalHdu[] }
  | {
      readonly kind: 'plane';
      readonly levels: readonly ImageLevel[];
      readonly statistics: PlaneStatistics;
    }
  | { readonly kind: 'failed'; readonly message: string };

let bytes: Blob = new Blob();

addEventListener('message', (event: MessageEvent<FileRequest>) => {
  const work = event.data.kind === 'open' ? open(event.data.file) : readPlane(event.data);
  work.catch((error: unknown) => {
    const answer: FileAnswer = {
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
    };
    postMessage(answer);
  });
});

async function open(file: File): Promise<void> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  bytes = isGzip
    ? await new Response(file.stream().pipeThrough(new DecompressionStream('gzip'))).blob()
    : file;
  const answer: FileAnswer = { kind: 'opened', hdus: await readLocalHdus(bytes) };
  postMessage(answer);
}

async function readPlane({ hdu, slice }: Extract<FileRequest, { kind: 'plane' }>): Promise<void> {
  const [height = 1, width = 1] = hdu.shape.slice(-2);
  const levels = buildLevels(await readLocalPlane(bytes, hdu, slice), width, height);
  const statistics = measurePlane(levels[0]!.data, width, height);
  const answer: FileAnswer = { kind: 'plane', levels, statistics };
  const buffers = [...levels.map((level) => level.data.buffer), statistics.sortedSample.buffer];
  postMessage(answer, { transfer: buffers as ArrayBuffer[] });
}
