import { sql } from 'drizzle-orm';
import type { KeptAnswers } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';

/** How long an answer is kept, ms. */
const KEPT_MS = 24 * 3600_000;

interface Row {
  readonly requestSha256: string;
  readonly madeId: string;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly body: Buffer | null;
}

/** Keep answers to requests by the key that came with them. */
export function createKeptAnswers({ orm, write, makeId, now, laterThanNow }: Connection): KeptAnswers {
  return {
    begin: ({ principal, key, requestSha256 }) =>
      write(() => {
        orm.run(sql`DELETE FROM kept_answers WHERE created_at < ${laterThanNow(-KEPT_MS)}`);
        const known = orm.get<Row>(sql`
          SELECT request_sha256 AS requestSha256, made_id AS madeId, status, content_type AS contentType, body
          FROM kept_answers WHERE principal = ${principal} AND key = ${key}`);
        if (known === undefined) {
          const madeId = makeId();
          orm.run(sql`
            INSERT INTO kept_answers (principal, key, request_sha256, made_id, created_at)
            VALUES (${principal}, ${key}, ${requestSha256}, ${madeId}, ${now()})`);
          return { kind: 'begun', madeId };
        }
        if (known.requestSha256 !== requestSha256) return { kind: 'other' };
        const { madeId, status, contentType, body } = known;
        if (status === null) return { kind: 'begun', madeId };
        return { kind: 'answered', status, contentType: contentType ?? '', body: new Uint8Array(body ?? []) };
      }),
    keep: ({ principal, key }, { status, contentType, body }) =>
      write(() => {
        orm.run(sql`
          UPDATE kept_answers SET status = ${status}, content_type = ${contentType}, body = ${Buffer.from(body)}
          WHERE principal = ${principal} AND key = ${key}`);
      }),
  };
}
