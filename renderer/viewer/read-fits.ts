/** One HDU of a file whose bytes are in the browser. */
export interface LocalHdu {
  readonly index: number;
  readonly kind: 'image' | 'compressed-image' | 'bintable' | 'ascii-table' | 'unknown';
  readonly extname?: string | undefined;
  readonly bitpix: number;
  /** Slowest axis first. */
  readonly shape: readonly number[];
  readonly unit: string;
  readonly cardCount: number;
  readonly dataOffset: number;
  readonly bscale: number;
  readonly bzero: number;
  readonly blank: number | undefined;
}

const BLOCK = 2880;
const CARD = 80;

/** Pixels decoded at most: a file in the browser has no tiles. */
const MAX_PIXELS = 2 ** 26;

/**
 * List the HDUs of a FITS file in the browser; only its headers are read.
 *
 * @throws Error with a sentence for the person
 */
export async function readLocalHdus(file: Blob): Promise<readonly LocalHdu[]> {
  const hdus: LocalHdu[] = [];
  for (let offset = 0; offset < file.size; ) {
    const { cards, cardCount, end } = await readCards(file, offset, hdus.length);
    if (cards === undefined) break;
    const hdu = describeHdu(cards, hdus.length, cardCount, end);
    hdus.push(hdu);
    const number = (name: string, otherwise: number): number => Number(cards.get(name) ?? otherwise);
    const axes = Array.from({ length: number('NAXIS', 0) }, (_, i) => number(`NAXIS${i + 1}`, 0));
    const elements = axes.length === 0 ? 0 : axes.reduce((product, axis) => product * axis, 1);
    const bytes =
      (Math.abs(number('BITPIX', 8)) / 8) * number('GCOUNT', 1) * (number('PCOUNT', 0) + elements);
    offset = end + Math.ceil(bytes / BLOCK) * BLOCK;
  }
  return hdus;
}

/** Decode one slice of an image: scaled, NaN where blank. @throws Error with a sentence for the person */
export async function readLocalPlane(file: Blob, hdu: LocalHdu, slice: number): Promise<Float32Array> {
  const [height = 1, width = 1] = hdu.shape.slice(-2);
  const count = width * height;
  if (hdu.kind !== 'image')
    throw new Error('Packed images are read by the core: open this file by its path with Ctrl+O.');
  if (count > MAX_PIXELS)
    throw new Error(
      `${width} × ${height} pixels are too many for the browser: open the file by its path with Ctrl+O.`,
    );
  const pixelBytes = Math.abs(hdu.bitpix) / 8;
  const start = hdu.dataOffset + slice * count * pixelBytes;
  const bytes = await file.slice(start, start + count * pixelBytes).arrayBuffer();
  if (bytes.byteLength < count * pixelBytes) throw new Error('The file is cut short: fetch it again.');
  const view = new DataView(bytes);
  const read = readerOf(view, hdu.bitpix);
  const { bscale, bzero, blank } = hdu;
  return Float32Array.from({ length: count }, (_, i) => {
    const stored = read(i * pixelBytes);
    return hdu.bitpix > 0 && stored === blank ? Number.NaN : bzero + bscale * stored;
  });
}

function readerOf(view: DataView, bitpix: number): (at: number) => number {
  switch (bitpix) {
    case 8:
      return (at) => view.getUint8(at);
    case 16:
      return (at) => view.getInt16(at);
    case 32:
      return (at) => view.getInt32(at);
    case 64:
      return (at) => Number(view.getBigInt64(at));
    case -32:
      return (at) => view.getFloat32(at);
    case -64:
      return (at) => view.getFloat64(at);
    default:
      throw new Error(`BITPIX is ${bitpix}; FITS knows 8, 16, 32, 64, -32 and -64.`);
  }
}

type Cards = ReadonlyMap<string, string>;

async function readCards(
  file: Blob,
  offset: number,
  index: number,
): Promise<{ readonly cards: Cards | undefined; readonly cardCount: number; readonly end: number }> {
  const cards = new Map<string, string>();
  const decoder = new TextDecoder('latin1');
  for (let at = offset, cardCount = 0; ; at += 64 * BLOCK) {
    const text = decoder.decode(await file.slice(at, Math.min(file.size, at + 64 * BLOCK)).arrayBuffer());
    if (at === offset && !text.startsWith(index === 0 ? 'SIMPLE  ' : 'XTENSION')) {
      if (index === 0) throw new Error('This is not a FITS file: it does not begin with SIMPLE.');
      return { cards: undefined, cardCount: 0, end: at };
    }
    for (let from = 0; from + CARD <= text.length; from += CARD) {
      const card = text.slice(from, from + CARD);
      if (card.startsWith('END     '))
        return { cards, cardCount, end: offset + Math.ceil((at + from + CARD - offset) / BLOCK) * BLOCK };
      cardCount++;
      const keyword = card.slice(0, 8).trimEnd();
      if (card.slice(8, 10) === '= ' && !cards.has(keyword)) cards.set(keyword, readValue(card.slice(10)));
    }
    if (at + 64 * BLOCK >= file.size) throw new Error('A header has no END: the file is cut short.');
  }
}

function readValue(field: string): string {
  const quoted = /^\s*'((?:[^']|'')*)'/.exec(field);
  return quoted === null ? field.split('/')[0]!.trim() : quoted[1]!.replaceAll("''", "'").trimEnd();
}

function describeHdu(cards: Cards, index: number, cardCount: number, dataOffset: number): LocalHdu {
  const kinds: Readonly<Record<string, LocalHdu['kind']>> = {
    IMAGE: 'image',
    BINTABLE: cards.get('ZIMAGE') === 'T' ? 'compressed-image' : 'bintable',
    TABLE: 'ascii-table',
  };
  const kind = index === 0 ? 'image' : (kinds[cards.get('XTENSION') ?? ''] ?? 'unknown');
  const prefix = kind === 'compressed-image' ? 'Z' : '';
  const number = (name: string, otherwise: number): number => {
    const value = Number(cards.get(name)?.replace(/[dD](?=[+-]?\d+$)/, 'E') ?? otherwise);
    return Number.isFinite(value) ? value : otherwise;
  };
  const axes = Array.from({ length: number(`${prefix}NAXIS`, 0) }, (_, i) =>
    number(`${prefix}NAXIS${i + 1}`, 0),
  );
  return {
    index,
    kind,
    extname: cards.get('EXTNAME') || undefined,
    bitpix: number(`${prefix}BITPIX`, 8),
    shape: axes.reverse(),
    unit: cards.get('BUNIT') ?? '',
    cardCount,
    dataOffset,
    bscale: number('BSCALE', 1),
    bzero: number('BZERO', 0),
    blank: cards.has('BLANK') ? number('BLANK', 0) : undefined,
  };
}
