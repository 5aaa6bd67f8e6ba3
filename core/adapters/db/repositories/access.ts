import { and, count, desc, eq, isNull, lt, or } from 'drizzle-orm';
import type { AuditLog, KeptKey, KeyRecord, KeyRepository } from '../../../pipeline/ports.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { apiKeys, auditLog } from '../schema/index.ts';

/** Keep the keys of programs. */
export function createKeyRepository(connection: Connection): KeyRepository {
  const { orm } = connection;
  return {
    list: () =>
      connection.read(() =>
        orm.select().from(apiKeys).orderBy(desc(apiKeys.createdAt), desc(apiKeys.id)).all().map(toKey),
      ),
    add: (key) => connection.write(() => void orm.insert(apiKeys).values(key).run()),
    revoke: (id) =>
      connection.write(() => {
        orm
          .update(apiKeys)
          .set({ revokedAt: connection.now() })
          .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
          .run();
        const row = orm.select().from(apiKeys).where(eq(apiKeys.id, id)).get();
        if (row === undefined)
          throw new AstridError('api/key-not-found', `There is no key ${id} in this workspace.`, { id });
        const { secretHash: _, ...record } = toKey(row);
        return record satisfies KeyRecord;
      }),
    touch: (uses) =>
      connection.write(() => {
        for (const [id, lastUsedAt] of uses)
          orm
            .update(apiKeys)
            .set({ lastUsedAt })
            .where(
              and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, lastUsedAt))),
            )
            .run();
      }),
  };
}

/** Keep who wrote what. */
export function createAuditLog(connection: Connection): AuditLog {
  const { orm } = connection;
  return {
    append: (entries) =>
      connection.write(
        () =>
          void orm
            .insert(auditLog)
            .values([...entries])
            .run(),
      ),
    list: ({ cursor, limit, principal }) =>
      connection.read(() => {
        const matching = principal === undefined ? undefined : eq(auditLog.principal, principal);
        const after =
          cursor === undefined ? undefined : lt(auditLog.seq, readCursor(cursor, [0], 'api/bad-cursor')[0]);
        const rows = orm
          .select()
          .from(auditLog)
          .where(and(matching, after))
          .orderBy(desc(auditLog.seq))
          .limit(limit + 1)
          .all();
        const page = rows.slice(0, limit);
        const last = page.at(-1);
        return {
          items: page.map(({ seq: _, ...entry }) => entry),
          nextCursor: rows.length > limit && last !== undefined ? writeCursor([last.seq]) : undefined,
          total: orm.select({ n: count() }).from(auditLog).where(matching).get()?.n ?? 0,
        };
      }),
  };
}

function toKey(row: typeof apiKeys.$inferSelect): KeptKey {
  const { scopes, revokedAt, lastUsedAt, ...key } = row;
  return {
    ...key,
    scopes: scopes ?? undefined,
    revokedAt: revokedAt ?? undefined,
    lastUsedAt: lastUsedAt ?? undefined,
  };
}
