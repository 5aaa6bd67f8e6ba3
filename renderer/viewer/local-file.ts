import type { FileAnswer, FileRequest } from './file-worker.ts';
import { sourceOfLevels } from './make-source.ts';
import type { ImageSource } from './model.ts';
import type { LocalHdu } from './read-fits.ts';

/** A FITS file whose bytes are in the browser: dropped there, with no path that the core could read. */
export class LocalFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly hdus: Promise<readonly LocalHdu[]>;
  readonly #worker: Worker;
  /** One question at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: string, file: File) {
    this.id = id;
    this.name = file.name;
    this.bytes = file.size;
    this.#worker = new Worker(new URL('./file-worker.ts', import.meta.url), { type: 'module' });
    this.hdus = this.#ask({ kind: 'open', file }).then((answer) =>
      answer.kind === 'opened' ? answer.hdus : [],
    );
    // Whoever asks for them hears of a failure.
    this.hdus.catch(() => undefined);
  }

  /** Decode one slice. @throws Error with a sentence for the person */
  async readPlane(hdu: LocalHdu, slice: number): Promise<ImageSource | undefined> {
    const answer = await this.#ask({ kind: 'plane', hdu, slice });
    return answer.kind === 'plane'
      ? sourceOfLevels(`${this.id}/${hdu.index}/${slice}`, answer.levels, answer.statistics)
      : undefined;
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(request: FileRequest): Promise<FileAnswer> {
    const answer = this.#turn.then(
      () =>
        new Promise<FileAnswer>((resolve, reject) => {
          this.#worker.onmessage = ({ data }: MessageEvent<FileAnswer>) =>
            data.kind === 'failed' ? reject(new Error(data.message)) : resolve(data);
          this.#worker.onerror = () => reject(new Error('The thread that reads the file stopped.'));
          this.#worker.postMessage(request);
        }),
    );
    this.#turn = answer.catch(() => undefined);
    return answer;
  }
}
