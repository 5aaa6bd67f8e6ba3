import { type SQL, sql } from 'drizzle-orm';
import type {
  LabelQueueStore,
  QueueFilter,
  QueueOrder,
  QueueTraits,
  RankInput,
} from '../../../domains/curation/index.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { readCursor, writeCursor } from '../page-cursor.ts';
import { type Asker, askerOf, isWithheld } from './withhold-labels.ts';

/**
 * Rows that one question passes over at most.
 *
 * A filter that fits few candidates would otherwise walk through a million of them; so the page may be short, and its
 * cursor goes on where the walk stopped.
 */
const WINDOW = 15_000;

const KEYS: Readonly<Record<QueueOrder, { readonly key: SQL; readonly isAscending: boolean }>> = {
  score: { key: sql`d.score`, isAscending: false },
  uncertainty: { key: sql`d.uncertainty`, isAscending: true },
  novelty: { key: sql`d.novelty`, isAscending: false },
  gain: { key: sql`d.gain`, isAscending: false },
  snr: { key: sql`d.snr`, isAscending: false },
};

/** Of so many fields at most, rows are found by the field; of more, all rows are gone through in the order of the list. */
const FEW_FIELDS = 8;

interface Place {
  readonly id: string;
  readonly value: number;
}

interface WindowRow {
  readonly id: string;
  readonly runId: string;
  readonly sortKey: number;
}

/** List what is to be labelled. */
export function createLabelQueueStore(connection: Connection): LabelQueueStore {
  const { orm } = connection;
  return {
    list: ({ curator, order, filter, limit, cursor }) =>
      connection.read(() => {
        const window = describeWindow(order, filter, readPlace(connection, order, cursor));
        const rows = orm.all<WindowRow>(
          sql`SELECT id, runId, sortKey FROM (${window}) AS d WHERE ${matches(connection, curator, filter)} LIMIT ${limit + 1}`,
        );
        const items = rows.slice(0, limit).map(({ id, runId }) => ({ candidateId: id, runId }));
        if (rows.length > limit) {
          const last = rows[limit - 1]!;
          return { items, nextCursor: writeCursor([order, last.id]) };
        }
        // The page is short: at the end of the list, or at the end of the window.
        const [end] = orm.all<WindowRow>(
          sql`SELECT id, runId, sortKey FROM (${window}) LIMIT 1 OFFSET ${WINDOW - 1}`,
        );
        return {
          items,
          nextCursor: end === undefined ? undefined : writeCursor([order, end.id]),
        };
      }),
    count: ({ curator, filter }) =>
      connection.read(() => {
        const window = describeWindow('score', filter, undefined);
        const [found] = orm.all<{ matching: number; passed: number }>(
          sql`SELECT coalesce(sum(${matches(connection, curator, filter)}), 0) AS matching, count(*) AS passed FROM (${window}) AS d`,
        );
        return { count: found!.matching, isAtLeast: found!.passed === WINDOW };
      }),
    listJudged: (curator, limit) =>
      connection.read(() =>
        orm
          .all<{ id: string }>(
            // A label that stands has its time in its id: the oldest come first.
            sql`SELECT candidate_id AS id FROM standing_labels WHERE curator = ${curator}
              ORDER BY label_id LIMIT ${limit}`,
          )
          .map(({ id }) => id),
      ),
    listUnranked: (limit) =>
      connection.read(() =>
        readInputs(
          connection,
          sql`SELECT id, score, features_json AS features FROM detections
            WHERE is_ranked = 0 AND superseded_at IS NULL LIMIT ${limit}`,
        ),
      ),
    sampleFeatures: (count) =>
      connection.read(() => ({
        // Ids begin with their time of birth: by their random end they are a sample of all times.
        population: readInputs(
          connection,
          sql`SELECT id, score, features_json AS features FROM detections
            WHERE rowid IN (SELECT rowid FROM detections ORDER BY substr(id, 25) LIMIT ${count})`,
        ),
        seen: readInputs(
          connection,
          sql`SELECT id, score, features_json AS features FROM detections
            WHERE id IN (SELECT candidate_id FROM standing_labels ORDER BY substr(candidate_id, 25) LIMIT ${count})`,
        ),
      })),
    keepRanks: (ranks) =>
      connection.write(() => {
        for (const { id, novelty, gain } of ranks)
          orm.run(
            sql`UPDATE detections SET is_ranked = 1, novelty = ${novelty}, gain = ${gain} WHERE id = ${id}`,
          );
      }),
    forgetRanks: () => connection.write(() => void orm.run(sql`UPDATE detections SET is_ranked = 0`)),
  };
}

/** The rows that a question passes over, in order. */
function describeWindow(order: QueueOrder, filter: QueueFilter, place: Place | undefined): SQL {
  const { key, isAscending } = KEYS[order];
  const after = place === undefined ? sql`` : sql`AND ${comesAfter(order, place)}`;
  const { runIds } = filter.include ?? {};
  const within = runIds === undefined ? sql`` : sql`AND d.run_id IN ${runIds}`;
  const isOfFew = runIds !== undefined && runIds.length <= FEW_FIELDS;
  const index = sql.raw(isOfFew ? 'detections_by_run' : `detections_by_${order}`);
  const range = order === 'score' || order === 'uncertainty' ? inRange('score', filter) : sql``;
  const direction = isAscending ? sql`ASC` : sql`DESC`;
  return sql`
    SELECT d.id AS id, d.run_id AS runId, ${key} AS sortKey, d.score AS score, d.snr AS snr, d.flags_json AS flags
    FROM detections AS d INDEXED BY ${index}
    WHERE d.superseded_at IS NULL AND d.is_vetoed = ${filter.vetoed === true ? 1 : 0} ${within} ${after}
      ${order === 'score' ? range : sql``}
    ORDER BY ${key} ${direction}, d.id ${direction} LIMIT ${WINDOW}`;
}

/** Where a page begins: the row it follows and that row's key. The cursor holds no key: a blind curator sees it. */
function readPlace(connection: Connection, order: QueueOrder, cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [sortedBy, id] = readCursor(cursor, ['', ''], 'curation/bad-cursor');
  const [row] =
    sortedBy === order
      ? connection.orm.all<{ value: number }>(
          sql`SELECT ${KEYS[order].key} AS value FROM detections AS d WHERE d.id = ${id}`,
        )
      : [];
  if (row === undefined)
    throw new AstridError(
      'curation/bad-cursor',
      `The cursor is not one of this queue, which is ordered by ${order}; ask for the first page again.`,
      { cursor, order },
    );
  return { id, value: row.value };
}

function comesAfter(order: QueueOrder, { id, value }: Place): SQL {
  const { key, isAscending } = KEYS[order];
  return isAscending ? sql`(${key}, d.id) > (${value}, ${id})` : sql`(${key}, d.id) < (${value}, ${id})`;
}

/** What a row of the window must be. */
function matches(connection: Connection, curator: string, filter: QueueFilter): SQL {
  const { include, exclude } = filter;
  const asker = askerOf(connection, curator);
  const conditions = [
    sql`TRUE`,
    ...traitsOf(curator, asker, include),
    ...traitsOf(curator, asker, exclude).map((condition) => sql`NOT coalesce(${condition}, FALSE)`),
  ];
  return sql`(${sql.join(conditions, sql` AND `)} ${inRange('score', filter)} ${inRange('snr', filter)})`;
}

function inRange(column: 'score' | 'snr', filter: QueueFilter): SQL {
  const { min, max } = filter[column] ?? {};
  const name = sql.raw(`d.${column}`);
  return sql`${min === undefined ? sql`` : sql`AND ${name} >= ${min}`} ${max === undefined ? sql`` : sql`AND ${name} <= ${max}`}`;
}

function traitsOf(curator: string, asker: Asker, traits: QueueTraits = {}): readonly SQL[] {
  const { verdicts, classIds, runIds, bands, flags, isFlagged, labelledByMe, labelledByAnyone, consensus } =
    traits;
  const state = (condition: SQL): SQL =>
    sql`EXISTS (SELECT 1 FROM candidate_states AS s WHERE s.candidate_id = d.id AND ${condition})`;
  const mine = sql`EXISTS (SELECT 1 FROM standing_labels AS m WHERE m.candidate_id = d.id AND m.curator = ${curator})`;
  const anyones = state(sql`s.labels > 0`);
  const isKept = isWithheld(sql`d.id`, sql`${asker}`);
  const told = (condition: SQL): SQL => (asker === null ? condition : sql`(${condition} AND NOT ${isKept})`);
  // The newest flag has the greatest stamp before it.
  const ownFlag = sql`coalesce((SELECT max(f.clock || f.is_set) FROM label_events AS f
    WHERE f.candidate_id = d.id AND f.kind = 'flag' AND f.curator = ${curator}), '') LIKE '%1'`;
  const flagged =
    asker === null
      ? state(sql`s.is_flagged = 1`)
      : sql`(${state(sql`s.is_flagged = 1`)} AND (${ownFlag} OR NOT ${isKept}))`;
  const is = (condition: SQL, wanted: boolean): SQL => (wanted ? condition : sql`NOT ${condition}`);
  return [
    verdicts && told(state(sql`s.verdict IN ${verdicts}`)),
    classIds && told(state(sql`s.class_id IN ${classIds}`)),
    runIds && sql`d.runId IN ${runIds}`,
    bands &&
      sql`d.runId IN (SELECT id FROM runs WHERE science_json IS NOT NULL AND json_extract(science_json, '$.band') IN ${bands})`,
    flags && sql`EXISTS (SELECT 1 FROM json_each(d.flags) WHERE value IN ${flags})`,
    isFlagged === undefined ? undefined : is(flagged, isFlagged),
    labelledByMe === undefined ? undefined : is(mine, labelledByMe),
    labelledByAnyone === undefined ? undefined : is(anyones, labelledByAnyone),
    consensus && state(sql`s.consensus IN ${consensus}`),
  ].filter((condition) => condition !== undefined);
}

function readInputs(connection: Connection, query: SQL): readonly RankInput[] {
  return connection.orm
    .all<{ id: string; score: number; features: string }>(query)
    .map(({ id, score, features }) => ({
      id,
      score,
      features: JSON.parse(features) as Readonly<Record<string, number>>,
    }));
}
