import type { Card, Header } from '../../domains/observations/index.ts';
import { formatCard } from './format-card.ts';
import { blockBytes, cardBytes, roundToBlocks } from './parse-header.ts';
import { encodeChecksum, sumBytes } from './sum-bytes.ts';

/** One HDU as bytes, in pieces to be written one after the other. */
export type HduPieces = readonly Uint8Array[];

/** Keywords that the writer makes itself, and drops from the header it is given. */
const ownKeyword =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|END|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|EXTNAME|EXTVER|TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TDISP|TNULL|TSCAL|TZERO|TDIM|TBCOL)\d+|ZIMAGE|ZTABLE|ZCMPTYPE|ZBITPIX|ZNAXIS\d*|ZTILE\d+|ZNAME\d+|ZVAL\d+|ZQUANTIZ|ZDITHER0|ZMASKCMP|ZSIMPLE|ZTENSION|ZEXTEND|ZBLOCKED|ZPCOUNT|ZGCOUNT|ZHECKSUM|ZDATASUM|ZSCALE|ZZERO|ZBLANK)$/;

/** What every kind of HDU may carry. */
export interface HduNaming {
  readonly extname?: string | undefined;
  readonly extver?: number | undefined;
  /** Cards beside those of the structure, which the writer makes; those in here are dropped. */
  readonly header?: Header | undefined;
}

/**
 * Make an HDU's bytes: header with CHECKSUM and DATASUM, data, padding.
 *
 * @param structure the mandatory cards in their order.
 * @param data pieces that follow each other; each but the last a multiple of four bytes.
 * @throws observations/bad-card
 */
export function encodeHdu(
  structure: readonly Card[],
  naming: HduNaming,
  data: readonly Uint8Array[],
  padding = 0,
): HduPieces {
  const length = data.reduce((sum, piece) => sum + piece.length, 0);
  const fill = new Uint8Array(roundToBlocks(length) - length).fill(padding);
  const whole = fill.length === 0 ? data : [...data, fill];
  const dataSum = sumPieces(whole);
  const named: Card[] = [];
  if (naming.extname !== undefined) named.push({ keyword: 'EXTNAME', value: naming.extname });
  if (naming.extver !== undefined) named.push({ keyword: 'EXTVER', value: naming.extver });
  const kept = (naming.header ?? []).filter(({ keyword }) => !ownKeyword.test(keyword.toUpperCase()));
  const zeroSum = '0'.repeat(16);
  const lines = [
    ...structure,
    ...named,
    ...kept,
    { keyword: 'CHECKSUM', value: zeroSum, comment: 'HDU checksum' },
    { keyword: 'DATASUM', value: String(dataSum), comment: 'data unit checksum' },
    { keyword: 'END', value: undefined },
  ].flatMap((card) => (card.keyword === 'END' ? ['END'.padEnd(cardBytes)] : formatCard(card)));
  const text = lines.join('');
  const headerBytes = Buffer.from(text.padEnd(Math.ceil(text.length / blockBytes) * blockBytes), 'latin1');
  const checksum = encodeChecksum(sumBytes(headerBytes, dataSum));
  const card = lines.length - 3;
  headerBytes.write(checksum, card * cardBytes + 11, 'latin1');
  return [headerBytes, ...whole];
}

function sumPieces(pieces: readonly Uint8Array[]): number {
  // A piece of odd length leaves its last bytes to be added with the next one's first.
  let sum = 0;
  let carried: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const joined = carried.length === 0 ? piece : Buffer.concat([carried, piece]);
    const whole = joined.length - (joined.length % 4);
    sum = sumBytes(joined.subarray(0, whole), sum);
    carried = joined.subarray(whole);
  }
  return sum;
}
