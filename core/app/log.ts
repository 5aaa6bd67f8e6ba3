import { pino } from 'pino';

/** What the program says to its keepers: lines of JSON with a scope, one of the program's words. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(scope: { readonly scope: string }): Log;
}

/**
 * Make the log: JSON lines on stderr; level debug, info, warn, error or silent.
 *
 * Written at once and not through a thread, so that the last line before a crash is there.
 */
export function createLog(level: string): Log {
  return pino({ level, base: null }, pino.destination({ fd: 2, sync: true }));
}
