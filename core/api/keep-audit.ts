import type { AuditEntry } from '../pipeline/index.ts';
import type { Principal } from './access.ts';
import type { Services } from './ports.ts';

/** How long what the person at the machine did may wait to be written down, ms. */
const WITHIN_MS = 500;

/** What is known of a request when it is answered. */
type Answered = Pick<AuditEntry, 'requestId' | 'route' | 'method' | 'path' | 'status'>;

/**
 * Make what writes down who wrote.
 *
 * A program's request is on disk before it is answered. Of the person at the machine, who labels one candidate after
 * another and has each label on disk already, many are written at once: a second wait for the disk would be felt. A log
 * that cannot be written undoes nothing of what was.
 */
export function createAuditKeeper({ audit, log, closing }: Pick<Services, 'audit' | 'log' | 'closing'>): {
  keep(principal: Principal, answered: Answered): Promise<void>;
  /** Write down what waits. */
  flush(): Promise<void>;
} {
  let waiting: AuditEntry[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const entries = waiting;
    waiting = [];
    await audit
      .append(entries)
      .catch((error: unknown) => log.error({ err: error, entries }, 'the audit was not kept'));
  };
  closing.addEventListener('abort', () => void flush(), { once: true });
  return {
    keep: async ({ kind, id, name }, answered) => {
      waiting.push({ ...answered, at: new Date().toISOString(), principal: id, principalName: name });
      if (kind !== 'local' || closing.aborted) await flush();
      else timer ??= setTimeout(() => void flush(), WITHIN_MS).unref();
    },
    flush,
  };
}
