import type { LabelledExample, TrainingSet } from '../adapters/db/index.ts';
import { type DataFile, readDataProject, type WrittenData, writeDataProject } from '../adapters/dvc/index.ts';
import { FEATURE_NAMES } from '../domains/detection/index.ts';
import type { BlobReader } from '../pipeline/index.ts';
import { AstridError, isAstridError } from '../utils/index.ts';

/** A training set that was written. */
export interface ExportedDataSet extends WrittenData {
  readonly examples: number;
  /** Those whose pixels could not be had; they are left out. */
  readonly withoutPixels: number;
}

const PAGE = 500;
const COLUMNS = [
  ...['id', 'triplet', 'verdict', 'classId', 'consensus', 'labels', 'runId', 'score', 'modelVersion'],
  ...['xPx', 'yPx', 'raDeg', 'decDeg'],
  ...FEATURE_NAMES.map((name) => `feature.${name}`),
];

/**
 * Write what people taught as a data set of DVC: `examples.csv`, and a triplet of each candidate as an array of NumPy.
 *
 * The same labels make the same data set, byte for byte. Pixels that lie in the bucket are fetched.
 */
export async function exportDataSet(
  parts: { readonly trainingSet: TrainingSet; readonly triplets: BlobReader },
  folder: string,
  name: string,
  signal?: AbortSignal,
): Promise<ExportedDataSet> {
  const counts = { examples: 0, withoutPixels: 0 };
  async function* makeFiles(): AsyncGenerator<DataFile, void> {
    const lines = [COLUMNS.join(',')];
    for (let after = ''; ; ) {
      const page = await parts.trainingSet.list(PAGE, after);
      for (const example of page) {
        signal?.throwIfAborted();
        const triplet = await readTriplet(parts.triplets, example);
        if (triplet === undefined) {
          counts.withoutPixels++;
          continue;
        }
        counts.examples++;
        yield { relpath: placeOf(example), bytes: writeNumpy(triplet) };
        lines.push(writeLine(example));
      }
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.id;
    }
    yield { relpath: 'examples.csv', bytes: Buffer.from(`${lines.join('\n')}\n`, 'utf8') };
  }
  return { ...(await writeDataProject(folder, name, makeFiles())), ...counts };
}

/**
 * Read a training set of a DVC project through, each file checked, and count what it teaches.
 *
 * @throws storage/not-found, storage/corrupted, storage/not-dvc
 */
export async function verifyDataSet(file: string): Promise<{
  readonly files: number;
  readonly bytes: number;
  readonly verdicts: Readonly<Record<string, number>>;
}> {
  let files = 0;
  let bytes = 0;
  const verdicts: Record<string, number> = {};
  const triplets = new Set<string>();
  let lines: readonly string[] = [];
  for await (const one of readDataProject(file)) {
    files++;
    bytes += one.bytes.length;
    if (one.relpath === 'examples.csv') lines = Buffer.from(one.bytes).toString('utf8').trimEnd().split('\n');
    else triplets.add(one.relpath);
  }
  const [head = '', ...rows] = lines;
  const at = { triplet: head.split(',').indexOf('triplet'), verdict: head.split(',').indexOf('verdict') };
  for (const row of rows) {
    const cells = row.split(',');
    const { [at.triplet]: triplet = '', [at.verdict]: verdict = '' } = cells;
    if (!triplets.has(triplet))
      throw new AstridError('storage/not-found', `${file} has an example without its triplet ${triplet}.`, {
        triplet,
      });
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  }
  return { files, bytes, verdicts };
}

async function readTriplet(
  triplets: BlobReader,
  { tripletSha256 }: LabelledExample,
): Promise<Uint8Array | undefined> {
  try {
    return await triplets.get(tripletSha256);
  } catch (error) {
    if (isAstridError(error)) return undefined;
    throw error;
  }
}

const placeOf = ({ id }: LabelledExample): string => `triplets/${id}.npy`;

function writeLine(example: LabelledExample): string {
  const facts: Readonly<Record<string, unknown>> = { ...example, triplet: placeOf(example) };
  return COLUMNS.map((column) =>
    column.startsWith('feature.') ? example.features[column.slice(8)] : facts[column],
  )
    .map((value) => {
      const text = value === undefined ? '' : String(value);
      // What NumPy and spreadsheets agree on; ids and names have neither quotes nor commas.
      return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}

/**
 * Write three square planes of little-endian 32-bit floats as a file of NumPy.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, version 1.0
 */
function writeNumpy(pixels: Uint8Array): Uint8Array {
  const side = Math.sqrt(pixels.length / 12);
  const facts = `{'descr': '<f4', 'fortran_order': False, 'shape': (3, ${side}, ${side}), }`;
  const room = Math.ceil((10 + facts.length + 1) / 64) * 64 - 10;
  const head = Buffer.from(`\u0093NUMPY\u0001\u0000\u0000\u0000${facts.padEnd(room - 1)}\n`, 'latin1');
  head.writeUInt16LE(room, 8);
  return Buffer.concat([head, pixels]);
}
