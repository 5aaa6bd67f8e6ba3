import { TileDataError } from './decompress-rice.ts';

// Instructions of a PLIO line list: the top four bits of a word; the other twelve are its operand.
const zeros = 0;
const setHigh = 1;
const raise = 2;
const lower = 3;
const repeat = 4;
const zerosThenOne = 5;
const raiseAndPut = 6;
const lowerAndPut = 7;

/**
 * Decompress a PLIO_1 tile: run lengths of a mask's values (0 to 2^24).
 *
 * @param words the line list in this machine's byte order.
 * @throws TileDataError
 * @see FITS standard 4.0, 10.4.3
 */
export function decompressPlio(words: Int16Array, count: number): Int32Array {
  const pixels = new Int32Array(count);
  if (words.length < 3) throw new TileDataError(`has only ${words.length} words`);
  // Old lists keep their length in the third word and have a shorter preamble.
  const isOld = words[2]! > 0;
  const length = isOld ? words[2]! : ((words[4] ?? 0) << 15) + (words[3] ?? 0);
  const first = isOld ? 3 : words[1]!;
  if (length > words.length || length < 0 || first < 0)
    throw new TileDataError(`promises ${length} words of ${words.length}`);

  let value = 1;
  let at = 0;
  for (let i = first; i < length && at < count; i++) {
    const word = words[i]! & 0xffff;
    const operand = word & 0xfff;
    switch (word >>> 12) {
      case zeros:
        at += operand;
        break;
      case repeat:
        pixels.fill(value, at, Math.min(at + operand, count));
        at += operand;
        break;
      case zerosThenOne:
        at += operand;
        if (operand > 0 && at <= count) pixels[at - 1] = value;
        break;
      case setHigh:
        i++;
        if (i >= length) throw new TileDataError('ends within an instruction');
        value = (words[i]! << 12) + operand;
        break;
      case raise:
        value += operand;
        break;
      case lower:
        value -= operand;
        break;
      case raiseAndPut:
        value += operand;
        pixels[at++] = value;
        break;
      case lowerAndPut:
        value -= operand;
        pixels[at++] = value;
        break;
      default:
        throw new TileDataError(`has the unknown instruction ${word >>> 12}`);
    }
  }
  return pixels;
}
