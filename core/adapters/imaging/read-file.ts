import { closeSync, openSync, readSync } from 'node:fs';
import { AstridError, type ReadFile } from '../../utils/index.ts';

/** Reads parts of files at once, for tasks that work through many of them. */
export interface FileReader {
  readonly read: ReadFile;
  /** Close the files that were read; they are opened again when they are asked for. */
  close(): void;
}

/** Make a reader that keeps the files open that it was asked for. */
export function createFileReader(): FileReader {
  const open = new Map<string, number>();
  const descriptorOf = (path: string): number => {
    let descriptor = open.get(path);
    if (descriptor === undefined) {
      try {
        descriptor = openSync(path, 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        const message = `The file ${path} is gone; process its run again.`;
        throw new AstridError('storage/not-found', message, { path });
      }
      open.set(path, descriptor);
    }
    return descriptor;
  };
  return {
    read: (path, start, into) => {
      const descriptor = descriptorOf(path);
      for (let done = 0; done < into.length; ) {
        const bytesRead = readSync(descriptor, into, done, into.length - done, start + done);
        if (bytesRead === 0) {
          const message = `The file ${path} ends before byte ${start + into.length}; process its run again.`;
          throw new AstridError('storage/corrupted', message, { path });
        }
        done += bytesRead;
      }
    },
    close: () => {
      for (const descriptor of open.values()) closeSync(descriptor);
      open.clear();
    },
  };
}
