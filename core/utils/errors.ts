/** A code is `context/what-happened`, the context being one of the program's words. */
export type ErrorCode = `${string}/${string}`;

/** Facts that go with an error: numbers, paths, names; must survive structured clone and JSON. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

/**
 * An expected failure: bad input, a full disk, too few stars.
 *
 * The message tells the astronomer what happened, to which file or exposure, and what to do.
 * Anything thrown that is not an `AstridError` is a bug.
 */
export class AstridError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'AstridError';
    this.code = code;
    this.details = details;
  }
}

/** An error as data: what crosses threads, the API and the database. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** Tell whether a value is an expected failure, also one that crossed a thread and lost its class. */
export function isAstridError(error: unknown): error is AstridError {
  return (
    error instanceof Error &&
    error.name === 'AstridError' &&
    typeof (error as { code?: unknown }).code === 'string'
  );
}

/** Turn any thrown value into data; a bug gets the code `internal/bug` and keeps its message. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (isAstridError(error)) return { code: error.code, message: error.message, details: error.details ?? {} };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'internal/bug', message, details: error instanceof Error ? { stack: error.stack } : {} };
}

/** Rebuild the error that `toErrorRecord` wrote down. */
export function fromErrorRecord(record: ErrorRecord): Error {
  if (record.code === 'internal/bug') {
    const bug = new Error(record.message);
    if (typeof record.details.stack === 'string') bug.stack = record.details.stack;
    return bug;
  }
  return new AstridError(record.code, record.message, record.details);
}

/** What long work asks between its units; every AbortSignal is one. */
export interface StopSignal {
  readonly aborted: boolean;
}

/** Throw if the signal is aborted: call it between the units of long work. @throws internal/stopped */
export function throwIfStopped(signal: StopSignal | undefined): void {
  if (signal?.aborted)
    throw new AstridError('internal/stopped', 'Stopped on request; nothing was left half-written.');
}
