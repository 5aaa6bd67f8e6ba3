import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import { writeFitsBytes } from '../adapters/imaging/index.ts';
import {
  type ExportRow,
  type ExportTable,
  fitLattice,
  formatVotableHead,
  formatVotableRows,
  VOTABLE_FOOT,
} from '../domains/catalog/index.ts';
import { writeWcsCards } from '../domains/observations/index.ts';
import type { BlobReader } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';

interface Parts {
  readonly database: Pick<WorkspaceDatabase, 'runs' | 'planes' | 'detections'>;
  readonly blobs: BlobReader;
}

/**
 * Make one plane of a run a FITS file for others, with the sky of its grid.
 *
 * @returns its name, and what makes its bytes when they are asked for.
 * @throws pipeline/run-not-found, pipeline/no-plane
 */
export async function makePlaneFits(
  { database, blobs }: Parts,
  runId: string,
  kind: string,
): Promise<{ readonly name: string; make(): Promise<Uint8Array> }> {
  const run = await database.runs.get(runId);
  const plane = (await database.planes.list(runId)).find((one) => one.kind === kind);
  if (plane === undefined)
    throw new AstridError('pipeline/no-plane', `Run ${runId} has no ${kind} image to send.`, { runId, kind });
  const field = run.science?.object ?? run.science?.name ?? runId;
  const { width, height, dtype, unit, sha256 } = plane;
  return {
    name: `${field.replace(/[^\w.-]+/g, '_')}-${kind}`,
    make: async () => {
      const bytes = await blobs.get(sha256);
      const data = dtype === 'float32' ? new Float32Array(bytes.buffer) : new Uint16Array(bytes.buffer);
      const sky = run.sky && fitLattice(run.sky, width, height);
      const header = [
        { keyword: 'OBJECT', value: field },
        { keyword: 'BUNIT', value: unit },
        ...(sky === undefined ? [] : writeWcsCards(sky.wcs)),
      ];
      return writeFitsBytes([{ kind: 'image', shape: [height, width], data, header }]);
    },
  };
}

/** What others are told of a candidate. */
const COLUMNS: ExportTable = {
  name: 'candidates',
  description: 'Candidates of one difference, best first',
  columns: [
    { name: 'id', kind: 'text', ucd: 'meta.id;meta.main', description: 'Id of the candidate' },
    {
      name: 'raDeg',
      kind: 'number',
      unit: 'deg',
      ucd: 'pos.eq.ra;meta.main',
      description: 'Right ascension',
    },
    { name: 'decDeg', kind: 'number', unit: 'deg', ucd: 'pos.eq.dec;meta.main', description: 'Declination' },
    { name: 'score', kind: 'number', description: 'Real-bogus, 1 is real' },
    { name: 'snr', kind: 'number', ucd: 'stat.snr', description: 'Flux over its error' },
    {
      name: 'fluxE',
      kind: 'number',
      description: 'Change of flux; negative where it faded',
    },
    { name: 'fluxErrE', kind: 'number', description: 'Its error in electrons' },
    { name: 'mag', kind: 'number', unit: 'mag', ucd: 'phot.mag', description: 'Magnitude of the change' },
    {
      name: 'xPx',
      kind: 'number',
      unit: 'pixel',
      ucd: 'pos.cartesian.x',
      description: 'Column, the first is 0',
    },
    {
      name: 'yPx',
      kind: 'number',
      unit: 'pixel',
      ucd: 'pos.cartesian.y',
      description: 'Row, the first is 0',
    },
    { name: 'verdict', kind: 'text', description: 'Newest verdict of a person' },
  ],
};

const ROWS_AT_ONCE = 1000;

/** Write the candidates of one run as a VOTable, as a curator may see them. @returns with it the candidate of each row @throws pipeline/run-not-found */
export async function makeCandidateTable(
  { database }: Parts,
  runId: string,
  seenBy: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array; readonly ids: readonly string[] }> {
  const run = await database.runs.get(runId);
  const rows: ExportRow[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await database.detections.list({
      runId,
      vetoed: false,
      order: 'score',
      limit: ROWS_AT_ONCE,
      cursor,
      seenBy,
    });
    rows.push(
      ...page.items.map(({ label, id, raDeg, decDeg, score, snr, fluxE, fluxErrE, mag, xPx, yPx }) => ({
        ...{ id, raDeg, decDeg, score, snr, fluxE, fluxErrE, mag, xPx, yPx },
        verdict: label?.verdict,
      })),
    );
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  const text = formatVotableHead(COLUMNS) + formatVotableRows(COLUMNS, rows) + VOTABLE_FOOT;
  return {
    name: `${run.science?.object ?? run.science?.name ?? runId} candidates`,
    bytes: new TextEncoder().encode(text),
    ids: rows.map(({ id }) => String(id)),
  };
}
