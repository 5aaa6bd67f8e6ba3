import { eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { outbox } from '../schema/index.ts';

/** Tell whether an id is that of a change already: an event is shared under its id, and would be taken for that. */
export function isChange({ orm }: Connection, id: string): boolean {
  return orm.select({ seq: outbox.seq }).from(outbox).where(eq(outbox.changeId, id)).get() !== undefined;
}
