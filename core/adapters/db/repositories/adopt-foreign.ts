import type { CandidatePlace } from '../../../domains/curation/index.ts';
import { type Connection, prepareOnce } from '../connection.ts';

/** As far apart two workspaces may measure the same detection, px: what two executions of the line may differ by. */
const SAME_PX = 2;

/** Which of the runs of which two files: what workspaces know each other's runs by. */
export type PairName = Pick<CandidatePlace, 'scienceName' | 'templateName' | 'nthOfPair'>;

/**
 * Say which of the runs of its two files a run is, once it has candidates; call it inside the transaction that writes
 * them. Done again, it stays what it was.
 */
export function numberRun(connection: Connection, runId: string): void {
  prepared(connection).number.run(runId);
}

/** Note where a candidate of another workspace lies. @returns whether that is news, and the candidate is not here */
export function noteForeign(connection: Connection, place: CandidatePlace): boolean {
  const { id, scienceName, templateName, nthOfPair, xPx, yPx, isNegative } = place;
  const negative = isNegative ? 1 : 0;
  const { note } = prepared(connection);
  return note.run(id, scienceName, templateName, nthOfPair ?? 0, xPx, yPx, negative, id).changes > 0;
}

/**
 * Find candidates of other workspaces among a run's detections; call it inside the transaction that wrote either.
 *
 * @returns the detections that were found to be theirs: their labels have yet to be projected.
 */
export function adoptForeign(connection: Connection, runId: string): readonly string[] {
  const statements = prepared(connection);
  const waiting = statements.waiting.all(runId) as readonly Waiting[];
  return waiting.flatMap(({ id, isNegative, xPx, yPx }) => {
    const near = statements.near.all({ runId, isNegative, xPx, yPx, reach: SAME_PX }) as Near[];
    const [found] = near.sort(
      (a, b) =>
        (a.xPx - xPx) ** 2 + (a.yPx - yPx) ** 2 - (b.xPx - xPx) ** 2 - (b.yPx - yPx) ** 2 ||
        (a.id < b.id ? -1 : 1),
    );
    if (found === undefined) return [];
    statements.adopt.run(found.id, id);
    // Until now its labels stood under the id of the other workspace.
    statements.dropLabels.run(id);
    statements.dropState.run(id);
    return [found.id];
  });
}

/**
 * Find candidates of other workspaces among the detections of whatever runs there are of their files.
 *
 * @returns as `adoptForeign` does.
 */
export function adoptPlaces(connection: Connection, places: Iterable<PairName>): readonly string[] {
  const pairs = new Map<string, PairName>();
  for (const place of places)
    pairs.set(JSON.stringify([place.scienceName, place.templateName, place.nthOfPair ?? 0]), place);
  return [...pairs.values()].flatMap((pair) =>
    findRunsOfPair(connection, pair).flatMap(({ id }) => adoptForeign(connection, id)),
  );
}

/** Runs of two files that are here, this workstation's own first, then in the order in which they came. */
export function findRunsOfPair(
  connection: Connection,
  pair: PairName,
): readonly { readonly id: string; readonly status: string }[] {
  const { scienceName, templateName, nthOfPair } = pair;
  const rows = prepared(connection).ofPair.all(scienceName, templateName, nthOfPair ?? 0) as OfPair[];
  return rows.sort((a, b) => b.isOwn - a.isOwn || a.rowid - b.rowid);
}

interface OfPair {
  readonly id: string;
  readonly rowid: number;
  readonly isOwn: number;
  readonly status: string;
}

interface Near {
  readonly id: string;
  readonly xPx: number;
  readonly yPx: number;
}

interface Waiting extends Near {
  readonly isNegative: number;
}

const prepared = prepareOnce(prepare);

function prepare({ sqlite }: Connection) {
  return {
    number: sqlite.prepare(`
      UPDATE runs SET nth_of_pair = (SELECT count(*) FROM runs AS earlier
        WHERE earlier.science_name = runs.science_name AND earlier.template_name = runs.template_name
          AND earlier.nth_of_pair IS NOT NULL AND earlier.origin IS NULL)
      WHERE id = ? AND nth_of_pair IS NULL`),
    note: sqlite.prepare(`
      INSERT INTO foreign_candidates (id, science_name, template_name, nth_of_pair, x_px, y_px, is_negative)
      SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM detections WHERE id = ?)
      ON CONFLICT DO NOTHING`),
    waiting: sqlite.prepare(`
      SELECT place.id, place.is_negative AS isNegative, place.x_px AS xPx, place.y_px AS yPx
      FROM runs JOIN foreign_candidates AS place ON place.science_name = runs.science_name
        AND place.template_name = runs.template_name AND place.candidate_id IS NULL
        AND place.nth_of_pair = coalesce(runs.nth_of_pair, 0)
      WHERE runs.id = ?`),
    near: sqlite.prepare(`
      SELECT id, x_px AS xPx, y_px AS yPx FROM detections
      WHERE run_id = @runId AND superseded_at IS NULL AND is_negative = @isNegative
        AND x_px BETWEEN @xPx - @reach AND @xPx + @reach AND y_px BETWEEN @yPx - @reach AND @yPx + @reach`),
    adopt: sqlite.prepare('UPDATE foreign_candidates SET candidate_id = ? WHERE id = ?'),
    dropLabels: sqlite.prepare('DELETE FROM standing_labels WHERE candidate_id = ?'),
    dropState: sqlite.prepare('DELETE FROM candidate_states WHERE candidate_id = ?'),
    ofPair: sqlite.prepare(`
      SELECT id, rowid, origin IS NULL AS isOwn, status FROM runs
      WHERE science_name = ? AND template_name = ? AND coalesce(nth_of_pair, 0) = ?`),
  };
}
