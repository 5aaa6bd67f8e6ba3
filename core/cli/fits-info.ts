import { describeFits, type FitsFile, type HduDescription, openFits } from '../adapters/imaging/index.ts';
import {
  type Card,
  type Header,
  measureOrientation,
  type Orientation,
  parseWcs,
  pixelToSky,
  type SkyPosition,
} from '../domains/observations/index.ts';
import { fromErrorRecord, isAstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { count, formatTable } from './console.ts';
import { formatAngle, formatDec, formatRa } from './format-sky.ts';

/** How an image lies on the sky: measured at its centre, distortion included. */
interface SkySummary extends Orientation {
  /** Code of the projection, with `-SIP` and the like behind it. */
  readonly projection: string;
  readonly frame: string;
  readonly center: SkyPosition;
  readonly widthArcsec: number;
  readonly heightArcsec: number;
  readonly notes: readonly string[];
}

type DescribedHdu = HduDescription & {
  readonly wcs?: SkySummary | undefined;
  /** Why the coordinates cannot be used. */
  readonly wcsProblem?: string | undefined;
};

/**
 * Run `astrid fits info`.
 *
 * @throws as `describeFits`; damage behind the first HDU is thrown after what could be read is printed
 */
export async function runFitsInfo(
  path: string,
  options: { readonly hdu?: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const { bytes, hdus: bare, problem } = await describeFits(path, { hdu: options.hdu });
  const hdus = await addSky(path, bare);
  const chosen = options.hdu === undefined ? hdus : hdus.filter(({ header }) => header !== undefined);
  if (options.json) {
    out.print(JSON.stringify({ version: 1, path, bytes, hdus: chosen, problem: problem ?? null }, null, 2));
  } else {
    out.print(`${path}: ${bytes} bytes, ${count(hdus.length, 'HDU')}${problem ? ' that can be read' : ''}`);
    out.print(
      formatTable(['HDU', 'name', 'kind', 'pixels', 'shape', 'cards', 'data bytes'], chosen.map(rowOf)),
    );
    for (const text of chosen.map(describeHdu)) if (text !== '') out.print(text);
  }
  if (problem) throw fromErrorRecord(problem);
}

async function addSky(path: string, hdus: readonly HduDescription[]): Promise<readonly DescribedHdu[]> {
  const file = await openFits(path);
  try {
    const described: DescribedHdu[] = [];
    for (const hdu of hdus) described.push({ ...hdu, ...(await readSky(file, hdu)) });
    return described;
  } finally {
    await file.close();
  }
}

async function readSky(
  file: FitsFile,
  { index, kind, shape }: HduDescription,
): Promise<Pick<DescribedHdu, 'wcs' | 'wcsProblem'>> {
  const [width = 0, height = 0] = shape.toReversed();
  if ((kind !== 'image' && kind !== 'compressed-image') || width === 0 || height === 0) return {};
  try {
    return { wcs: summariseSky((await file.hdu(index)).header, width, height) };
  } catch (error) {
    if (!isAstridError(error)) throw error;
    return { wcsProblem: error.message };
  }
}

function summariseSky(header: Header, width: number, height: number): SkySummary | undefined {
  const wcs = parseWcs(header);
  if (!wcs) return undefined;
  const [xPx, yPx] = [(width - 1) / 2, (height - 1) / 2];
  const orientation = measureOrientation(wcs, xPx, yPx);
  const distortions = [wcs.pixelDistortion, wcs.planeDistortion].flatMap(
    (distortion) => distortion?.kind ?? [],
  );
  return {
    projection: [wcs.projection, ...distortions].join('-'),
    frame: wcs.frame,
    center: pixelToSky(wcs, xPx, yPx),
    ...orientation,
    widthArcsec: width * orientation.pixelScaleArcsec,
    heightArcsec: height * orientation.pixelScaleArcsec,
    notes: wcs.notes,
  };
}

function rowOf({
  index,
  extname,
  extver,
  kind,
  shape,
  cardCount,
  dataBytes,
  compression,
  ...hdu
}: DescribedHdu) {
  const name = extname ?? (index === 0 ? 'PRIMARY' : '');
  const isTable = kind === 'bintable' || kind === 'ascii-table';
  const pixels = isTable || shape.length === 0 ? '' : pixelType(hdu.bitpix, hdu.keyCards);
  const [rows = 0] = shape;
  return [
    String(index),
    extver === 1 ? name : `${name},${extver}`,
    compression ? `image, ${compression.method}` : kind,
    pixels,
    isTable
      ? `${count(rows, 'row')} of ${count(hdu.columns?.length ?? 0, 'column')}`
      : shape.toReversed().join(' x '),
    String(cardCount),
    hdu.missingBytes > 0 ? `${dataBytes} (${hdu.missingBytes} missing)` : String(dataBytes),
  ];
}

/** Name what pixels are once BZERO has made them unsigned. */
function pixelType(bitpix: number, keyCards: readonly Card[]): string {
  if (bitpix < 0) return `float${-bitpix}`;
  const zero = keyCards.find(({ keyword }) => keyword === 'BZERO');
  const scale = keyCards.find(({ keyword }) => keyword === 'BSCALE')?.value ?? 1;
  if (scale !== 1) return `int${bitpix} scaled`;
  const offset = Number(zero?.raw ?? zero?.value ?? 0);
  if (bitpix === 8) return offset === -128 ? 'int8' : 'uint8';
  if (offset === 0) return `int${bitpix}`;
  return offset === 2 ** (bitpix - 1) ? `uint${bitpix}` : `int${bitpix} scaled`;
}

function describeHdu(hdu: DescribedHdu): string {
  const lines = [
    ...(hdu.header ?? hdu.keyCards).map(formatCard),
    ...describeColumns(hdu),
    ...describeSky(hdu),
  ];
  if (lines.length === 0) return '';
  return ['', `HDU ${hdu.index}${hdu.extname === undefined ? '' : ` ${hdu.extname}`}`, ...lines].join('\n');
}

function formatCard({ keyword, value, raw, comment }: Card): string {
  if (value === undefined) return `  ${keyword.padEnd(8)} ${comment ?? ''}`.trimEnd();
  const text =
    typeof value === 'boolean'
      ? value
        ? 'T'
        : 'F'
      : typeof value === 'string'
        ? `'${value}'`
        : (raw ?? String(value));
  return `  ${keyword.padEnd(8)} = ${text.padEnd(20)}${comment ? ` / ${comment}` : ''}`.trimEnd();
}

function describeColumns({ columns, header }: DescribedHdu): string[] {
  // All cards are shown already: TTYPEn, TFORMn and TUNITn among them.
  if (!columns || header) return [];
  return columns.map(({ name, format, unit }) =>
    `  column ${name.padEnd(20)} ${format.padEnd(8)} ${unit ?? ''}`.trimEnd(),
  );
}

function describeSky({ wcs, wcsProblem }: DescribedHdu): string[] {
  if (wcsProblem !== undefined) return [`  sky: cannot be used: ${wcsProblem}`];
  if (!wcs) return [];
  const { center, positionAngleDeg: angle } = wcs;
  if (!Number.isFinite(center.raDeg + wcs.pixelScaleArcsec)) {
    return [`  sky      ${wcs.projection}, ${wcs.frame}; the centre of the image shows no sky`];
  }
  return [
    `  sky      ${wcs.projection}, ${wcs.frame}`,
    `  centre   ${formatRa(center.raDeg)} ${formatDec(center.decDeg)}  (${center.raDeg.toFixed(6)}, ${center.decDeg.toFixed(6)} deg ICRS)`,
    `  scale    ${formatAngle(wcs.pixelScaleArcsec)} a pixel, ${formatAngle(wcs.widthArcsec)} x ${formatAngle(wcs.heightArcsec)}`,
    `  +y at    position angle ${angle.toFixed(2)} deg, ${wcs.isEastLeft ? 'east left of north as on the sky' : 'mirrored: east right of north'}`,
    ...wcs.notes.map((note) => `  note     ${note}`),
  ];
}
