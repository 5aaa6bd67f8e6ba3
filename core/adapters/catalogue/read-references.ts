import type pg from 'pg';

const PAGE = 20_000;

/**
 * Tell of all pixels that changes after a number refer to: triplets of candidates, and images and raw
 * files of runs as they were last told of.
 *
 * Of images that were told of anew the earlier ones are not wanted any more, unless nobody knew of the later.
 *
 * @returns the number of the newest change looked at.
 */
export async function readReferences(
  pool: pg.Pool,
  projectId: string,
  afterSeq: number,
  tell: (sha256: string) => void,
): Promise<number> {
  const { rows: heads } = await pool.query<{ head: string }>(
    'SELECT head FROM astrid.projects WHERE id = $1',
    [projectId],
  );
  const head = Number(heads[0]?.head ?? 0);
  const replaced = new Set<string>();
  for (let after = afterSeq; after < head; ) {
    const { rows } = await pool.query<{ seq: string; based_on: readonly string[] }>(
      `SELECT seq, based_on FROM astrid.changes
       WHERE project_id = $1 AND seq > $2 AND seq <= $3 AND entity = 'run' AND kind = 'set' AND field IN ('planes', 'raw')
       ORDER BY seq LIMIT ${PAGE}`,
      [projectId, after, head],
    );
    for (const { based_on } of rows) for (const id of based_on) replaced.add(id);
    after = rows.length < PAGE ? head : Number(rows.at(-1)!.seq);
  }
  for (let after = afterSeq; after < head; ) {
    const { rows } = await pool.query<{
      seq: string;
      id: string;
      triplet: string | null;
      planes: readonly { readonly sha256?: unknown }[] | null;
    }>(
      `SELECT seq, id, value ->> 'tripletSha256' AS triplet,
         CASE WHEN entity = 'run' AND jsonb_typeof(value) = 'array' THEN value END AS planes
       FROM astrid.changes
       WHERE project_id = $1 AND seq > $2 AND seq <= $3
         AND (entity = 'detection' AND kind = 'append' OR entity = 'run' AND kind = 'set' AND field IN ('planes', 'raw'))
       ORDER BY seq LIMIT ${PAGE}`,
      [projectId, after, head],
    );
    for (const { id, triplet, planes } of rows) {
      if (triplet !== null) tell(triplet);
      if (replaced.has(id)) continue;
      for (const { sha256 } of planes ?? []) if (typeof sha256 === 'string') tell(sha256);
    }
    after = rows.length < PAGE ? head : Number(rows.at(-1)!.seq);
  }
  return head;
}

/** Do work while nobody can add a change to a project. */
export async function holdStill<Result>(
  pool: pg.Pool,
  projectId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // Who is killed or cut off here holds nobody back for longer.
    await client.query("SET LOCAL idle_in_transaction_session_timeout = '60s'");
    await client.query('SELECT astrid.hold_still($1)', [projectId]);
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}
