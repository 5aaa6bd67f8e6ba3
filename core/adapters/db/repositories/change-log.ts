import { and, asc, count, eq, gt, inArray, isNotNull, sql } from 'drizzle-orm';
import {
  APPENDED,
  CHANGEABLE,
  type ChangeableEntity,
  type ChangeStore,
  type FieldConflict,
  type PushAnswer,
} from '../../../domains/sync/index.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { fieldVersions, outbox, syncState } from '../schema/index.ts';
import { appendEvent } from './events.ts';
import { projectCandidates } from './project-candidates.ts';
import { type FieldName, readField, setField } from './read-field.ts';
import { readChange, readOutgoing } from './read-outgoing.ts';
import { receiveChanges, receiveWaiting } from './receive-changes.ts';
import { foldTwins } from './receive-runs.ts';
import { showField } from './shared-fields.ts';
import { restampEvents } from './write-events.ts';

/** What has no fields that people change: each of them waits once. */
const ONLY_ADDED = APPENDED.filter((entity) => !(CHANGEABLE as readonly string[]).includes(entity));

/** Keep what there is to send and to receive. */
export function createChangeStore(connection: Connection): ChangeStore {
  const { orm } = connection;
  const state = () => orm.select().from(syncState).get()!;
  /** Do what must not be told back to those it came from. */
  const asReceiving = <Result>(work: () => Result): Result => {
    orm.update(syncState).set({ isReceiving: true }).run();
    const result = work();
    orm.update(syncState).set({ isReceiving: false }).run();
    return result;
  };

  return {
    listOutgoing: (limit) => connection.write(() => readOutgoing(connection, limit)),
    settle: (answers) =>
      connection.write(() =>
        asReceiving(() => {
          const taken = answers.flatMap((answer) => (answer.status === 'refused' ? [] : [answer]));
          for (const answer of answers) if (answer.status === 'refused') refuse(connection, answer);
          noteTaken(connection, taken);
          const sent = taken.length;
          orm
            .update(syncState)
            .set({ sent: sql`sent + ${sent}` })
            .run();
        }),
      ),
    cursor: () => connection.read(() => state().cursor),
    receive: (from, changes) =>
      connection.write(() => {
        if (state().cursor !== from) return;
        asReceiving(() => {
          receiveChanges(connection, changes);
          orm
            .update(syncState)
            .set({
              cursor: changes.at(-1)?.seq ?? from,
              received: sql`received + ${changes.length}`,
            })
            .run();
        });
      }),
    receiveWaiting: () =>
      connection.write(() =>
        asReceiving(() => {
          receiveWaiting(connection);
          foldTwins(connection);
        }),
      ),
    noteExchange: () =>
      connection.write(() => {
        orm.update(syncState).set({ lastExchangeAt: connection.now() }).run();
        appendEvent(connection, { kind: 'sync.exchanged', data: {} });
      }),
    status: () =>
      connection.read(() => {
        const { cursor, lastExchangeAt, sent, received } = state();
        const counts = orm.get<{ waiting: number; refused: number; held: number }>(sql`SELECT
          (SELECT count(*) FROM outbox WHERE sent_at IS NULL AND refused_at IS NULL) AS waiting,
          (SELECT count(*) FROM outbox WHERE refused_at IS NOT NULL) AS refused,
          (SELECT count(*) FROM waiting_changes) AS held`)!;
        return {
          toSend: counts.waiting,
          refused: counts.refused,
          held: counts.held,
          conflicts: findConflicts(connection).length,
          cursor,
          sent,
          received,
          lastExchangeAt: lastExchangeAt ?? undefined,
        };
      }),
    countOutgoing: () =>
      connection.read(() =>
        orm.all<{ entity: string; count: number }>(
          // What is only ever added waits once, and may be a hundred thousand; what was changed in many ways is one.
          sql`SELECT entity, count(*) AS count FROM outbox
              WHERE sent_at IS NULL AND refused_at IS NULL AND entity IN ${ONLY_ADDED} GROUP BY entity
            UNION ALL SELECT entity, count(DISTINCT key) FROM outbox
              WHERE sent_at IS NULL AND refused_at IS NULL AND entity NOT IN ${ONLY_ADDED} GROUP BY entity
            ORDER BY entity`,
        ),
      ),
    listConflicts: ({ cursor, limit }) =>
      connection.read(() => {
        const rest = findConflicts(connection, cursor);
        const items = rest.slice(0, limit);
        const last = items.at(-1);
        return {
          items,
          nextCursor:
            rest.length > limit && last !== undefined
              ? writeCursor([last.entity, last.key, last.field])
              : undefined,
          total: cursor === undefined ? rest.length : findConflicts(connection).length,
        };
      }),
    resolve: (name, versionId) =>
      connection.write(() => {
        const field = readField(connection, name);
        const chosen = [field?.current, ...(field?.losers ?? [])].find((one) => one?.id === versionId);
        if (field === undefined || chosen === undefined)
          throw new AstridError(
            'sync/conflict-not-found',
            'This value is not one of those in conflict any more; somebody may have settled it.',
            { ...name, versionId },
          );
        // It replaces every head: whoever receives it has the same answer.
        setField(connection, name, chosen.value);
        asReceiving(() => showField(connection, name));
      }),
    listRefused: ({ cursor, limit }) =>
      connection.read(() => {
        const isRefused = isNotNull(outbox.refusedAt);
        const after =
          cursor === undefined ? undefined : gt(outbox.seq, readCursor(cursor, [0], 'sync/bad-cursor')[0]);
        const rows = orm
          .select()
          .from(outbox)
          .where(and(isRefused, after))
          .orderBy(asc(outbox.seq))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map((row) => ({
            changeId: row.changeId,
            entity: row.entity,
            key: row.key,
            at: row.refusedAt!,
            code: row.refusedCode!,
            reason: row.refusedReason!,
            change: readChange(connection, row),
          })),
          nextCursor: rows.length > limit && last !== undefined ? writeCursor([last.seq]) : undefined,
          total: orm.select({ n: count() }).from(outbox).where(isRefused).get()?.n ?? 0,
        };
      }),
    retryRefused: () =>
      connection.write(() =>
        asReceiving(() => {
          const refused = orm.select().from(outbox).where(isNotNull(outbox.refusedAt)).all();
          for (const { changeId } of refused) setRefused(connection, changeId, false);
          orm
            .update(outbox)
            .set({ refusedAt: null, refusedCode: null, refusedReason: null })
            .where(isNotNull(outbox.refusedAt))
            .run();
          return refused.length;
        }),
      ),
    startOver: () =>
      connection.write(() => {
        // Another project has had nothing of what the last one has, and may take what that refused.
        orm.update(fieldVersions).set({ isRefused: false }).where(eq(fieldVersions.isRefused, true)).run();
        orm.update(syncState).set({ cursor: 0, lastExchangeAt: null, sent: 0, received: 0 }).run();
        orm
          .update(outbox)
          .set({ sentAt: null, refusedAt: null, refusedCode: null, refusedReason: null })
          .run();
      }),
  };
}

/** Put a change aside; a value that is refused is the field's no longer, and what it replaced is again. */
function refuse(connection: Connection, answer: Extract<PushAnswer, { status: 'refused' }>): void {
  const { id, code, reason } = answer;
  connection.orm
    .update(outbox)
    .set({ refusedAt: connection.now(), refusedCode: code, refusedReason: reason })
    .where(eq(outbox.changeId, id))
    .run();
  setRefused(connection, id, true);
}

function setRefused(connection: Connection, id: string, isRefused: boolean): void {
  const { orm } = connection;
  const version = orm.select().from(fieldVersions).where(eq(fieldVersions.id, id)).get();
  if (version === undefined || version.isRefused === isRefused) return;
  orm.update(fieldVersions).set({ isRefused }).where(eq(fieldVersions.id, id)).run();
  const { key, field } = version;
  showField(connection, { entity: version.entity as ChangeableEntity, key, field });
}

type Taken = Extract<PushAnswer, { status: 'stored' | 'known' }>;

/** SQLite takes 32,766 parameters a statement. */
const IDS_AT_ONCE = 1000;

/** Note that the catalogue has had changes, and give them its stamps; in few statements, as there may be many. */
function noteTaken(connection: Connection, taken: readonly Taken[]): void {
  const { orm } = connection;
  const sentAt = connection.now();
  for (let first = 0; first < taken.length; first += IDS_AT_ONCE) {
    const batch = taken.slice(first, first + IDS_AT_ONCE);
    const ids = batch.map(({ id }) => id);
    const answers = new Map(batch.map((answer) => [answer.id, answer]));
    orm
      .update(outbox)
      .set({ sentAt, refusedAt: null, refusedCode: null, refusedReason: null })
      .where(inArray(outbox.changeId, ids))
      .run();
    projectCandidates(connection, restampEvents(connection, batch));
    for (const version of orm.select().from(fieldVersions).where(inArray(fieldVersions.id, ids)).all()) {
      const { id, key, field } = version;
      const { clock, author } = answers.get(id)!;
      orm.update(fieldVersions).set({ clock, author }).where(eq(fieldVersions.id, id)).run();
      showField(connection, { entity: version.entity as ChangeableEntity, key, field });
    }
  }
}

/** Before the name of every field. */
const NO_NAME = writeCursor(['', '', '']);

/** Fields with heads that say different things, by name, from a cursor on. @throws sync/bad-cursor */
function findConflicts(connection: Connection, cursor?: string): readonly FieldConflict[] {
  const { orm } = connection;
  const [entity, key, field] = readCursor(cursor ?? NO_NAME, ['', '', ''], 'sync/bad-cursor');
  const names = orm.all<FieldName>(sql`SELECT entity, key, field FROM (
      SELECT entity, key, field FROM field_versions INDEXED BY field_versions_of
      WHERE is_head = 1 AND entity <> 'sky-object' GROUP BY entity, key, field HAVING count(*) > 1
      UNION ALL SELECT 'sky-object', min(object_names.key), field FROM object_names
        JOIN field_versions ON entity = 'sky-object' AND field_versions.key = object_names.key
      WHERE is_head = 1 GROUP BY coalesce(object_id, object_names.key), field HAVING count(*) > 1)
    WHERE (entity, key, field) > (${entity}, ${key}, ${field}) ORDER BY entity, key, field`);
  return names.flatMap((name) => {
    const field = readField(connection, name);
    return field === undefined || field.losers.length === 0 ? [] : [{ ...name, ...field }];
  });
}
