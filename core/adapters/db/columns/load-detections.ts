import type { Connection } from '../connection.ts';
import { ColumnStore, type StoreShape } from './column-store.ts';

/** What is kept of each detection. */
export const DETECTION_SHAPE: StoreShape = {
  numbers: {
    score: 64,
    snr: 64,
    mag: 64,
    raDeg: 64,
    decDeg: 64,
    midpointMjdTai: 64,
    xPx: 32,
    yPx: 32,
  },
  words: ['run', 'verdict', 'model', 'sign', 'state', 'band'],
};

/** What stands for a detection that nobody has labelled, and for an image without a band. */
export const NONE = 'none';

/** After so many the loops of a lasso are as fast as they get. */
const REHEARSALS = 5;

type DetectionRow = readonly [
  key: number,
  score: number,
  snr: number,
  mag: number | null,
  raDeg: number | null,
  decDeg: number | null,
  xPx: number,
  yPx: number,
  isNegative: number,
  isVetoed: number,
  verdict: string | null,
  model: string,
];

/** Detections of a workspace as columns, kept true by the event log. */
export function createDetectionColumns(connection: Connection) {
  const { sqlite } = connection;
  const rowsOfRun = sqlite
    .prepare(
      `SELECT rowid, score, snr, mag, ra_deg, dec_deg, x_px, y_px, is_negative, is_vetoed, label_verdict, model_version
       FROM detections WHERE run_id = ? AND superseded_at IS NULL AND rank > 0`,
    )
    .raw();
  const factsOfRun = sqlite
    .prepare(
      `SELECT json_extract(science_json, '$.midpointMjdTai'), json_extract(science_json, '$.band')
       FROM runs WHERE id = ?`,
    )
    .raw();
  const news = sqlite
    .prepare(
      `SELECT id, kind, run_id, candidate_id, json_extract(data_json, '$.stage') FROM events
       WHERE id > ? AND kind <> 'candidate.found' ORDER BY id`,
    )
    .raw();
  const verdictOf = sqlite
    .prepare('SELECT rowid, label_verdict FROM detections WHERE id = ? AND superseded_at IS NULL')
    .raw();
  const allVerdicts = sqlite
    .prepare(
      `SELECT rowid, label_verdict FROM detections INDEXED BY detections_labelled
       WHERE superseded_at IS NULL AND label_id IS NOT NULL`,
    )
    .raw();
  const newestEvent = sqlite.prepare('SELECT coalesce(max(id), 0) FROM events').pluck();
  const allRuns = sqlite.prepare('SELECT id FROM runs ORDER BY id').pluck();

  let store = new ColumnStore(DETECTION_SHAPE);
  let seenEvent = 0;
  let loading: Promise<void> | undefined;

  const appendRun = (runId: string): void => {
    const [midpoint, band] = factsOfRun.get(runId) as [number | null, string | null];
    for (const row of rowsOfRun.iterate(runId) as Iterable<DetectionRow>) {
      const [key, score, snr, mag, ra, dec, x, y, isNegative, isVetoed, verdict, model] = row;
      store.append(
        key,
        [score, snr, mag, ra, dec, midpoint, x, y],
        [
          runId,
          verdict ?? NONE,
          model,
          isNegative === 1 ? 'negative' : 'positive',
          isVetoed === 1 ? 'vetoed' : 'candidate',
          band ?? NONE,
        ],
      );
    }
  };

  const load = async (signal: AbortSignal | undefined): Promise<void> => {
    const fresh = new ColumnStore(DETECTION_SHAPE);
    store = fresh;
    seenEvent = newestEvent.get() as number;
    let startedMs = performance.now();
    for (const runId of allRuns.all() as string[]) {
      appendRun(runId);
      if (performance.now() - startedMs < SLICE_MS) continue;
      // Labels and pages wait for no more than a slice.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) return;
      startedMs = performance.now();
    }
    for (const column of ['score', 'snr', 'mag', 'raDeg', 'midpointMjdTai']) {
      fresh.prepareOrder(column);
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) return;
    }
    for (let time = 0; time < REHEARSALS; time++) {
      fresh.rehearse();
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) return;
    }
  };

  /** Take in what happened since it was asked last. @returns detections that were labelled or unlabelled. */
  const follow = (): readonly string[] | 'all' => {
    const runs = new Set<string>();
    const labelled = new Set<string>();
    let hasMerged = false;
    for (const [id, kind, runId, candidateId, stage] of news.iterate(seenEvent) as Iterable<
      [number, string, string | null, string | null, string | null]
    >) {
      seenEvent = id;
      hasMerged ||= kind === 'labels.merged';
      if (candidateId !== null) labelled.add(candidateId);
      // What preprocessing learns of an image, its band and time, stands in the rows as well.
      if (kind === 'stage.finished' && runId !== null && REWRITES.has(stage ?? '')) runs.add(runId);
    }
    for (const runId of runs) {
      store.killAll('run', runId);
      appendRun(runId);
    }
    if (hasMerged) {
      store.resetWords('verdict', new Map(allVerdicts.all() as [number, string][]), NONE);
      return 'all';
    }
    const verdicts = new Map<number, string>();
    for (const id of labelled) {
      const [key, verdict] = (verdictOf.get(id) as [number, string | null] | undefined) ?? [];
      if (key !== undefined) verdicts.set(key, verdict ?? NONE);
    }
    if (verdicts.size > 0) store.setWords('verdict', verdicts);
    return [...labelled];
  };

  return {
    /** The columns as of now; the first time they are read from the database, which takes a while. */
    current: async (
      onLabelled: (ids: readonly string[] | 'all') => void,
      signal?: AbortSignal,
    ): Promise<ColumnStore> => {
      if (store.isStale) loading = undefined;
      loading ??= load(signal);
      await loading;
      if (signal?.aborted === true) return store;
      onLabelled(follow());
      return store;
    },
  };
}

/** Work between two moments in which others are let go first, ms. */
const SLICE_MS = 12;
/** Stages whose end rewrites rows. */
const REWRITES: ReadonlySet<string> = new Set(['persist']);
