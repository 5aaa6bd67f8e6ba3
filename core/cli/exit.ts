import { isAstridError, toErrorRecord } from '../utils/index.ts';

/** Exit codes, the same for every command. */
export const ExitCode = {
  done: 0,
  /** A bug: anything thrown that is not an expected failure. */
  bug: 1,
  usage: 2,
  /** An expected failure: its code and a sentence are on stderr. */
  failed: 3,
  stopped: 130,
} as const;

/**
 * Say what went wrong on stderr and choose the exit code.
 *
 * An expected failure is one line, `context/code: sentence`; a bug shows its stack, because somebody has to mend it.
 */
export function reportFailure(error: unknown, stderr: (text: string) => void): number {
  if (isAstridError(error)) {
    stderr(`${error.code}: ${error.message}\n`);
    return error.code === 'internal/stopped' ? ExitCode.stopped : ExitCode.failed;
  }
  const record = toErrorRecord(error);
  stderr(`internal/bug: ${record.message}\n${String(record.details.stack ?? '')}\n`);
  return ExitCode.bug;
}
