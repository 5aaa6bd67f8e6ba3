/** Something that can be found by typing: `text` is what is typed at, in lower case. */
export interface Findable {
  readonly text: string;
}

/** Points for where a word was found. */
const AT_START = 12;
const AT_WORD = 8;
const INSIDE = 4;

/**
 * Find entries by the words that were typed, best first.
 *
 * Every word must be in the entry: as it is, or its letters in order, close together. Among equals the order stays,
 * so that what comes first in the list comes first here.
 *
 * @returns at most `limit` of them.
 */
export function rankEntries<Entry extends Findable>(
  entries: readonly Entry[],
  typed: string,
  limit: number,
): readonly Entry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return entries.slice(0, limit);
  const best: { readonly entry: Entry; readonly score: number }[] = [];
  for (const entry of entries) {
    let score = 0;
    for (const word of words) {
      const points = scoreWord(entry.text, word);
      if (points === 0) {
        score = 0;
        break;
      }
      score += points;
    }
    if (score === 0 || (best.length === limit && score <= best[limit - 1]!.score)) continue;
    // A short entry says more with the same letters.
    let at = best.length;
    while (at > 0 && best[at - 1]!.score < score) at--;
    best.splice(at, 0, { entry, score });
    if (best.length > limit) best.pop();
  }
  return best.map(({ entry }) => entry);
}

/** How well a word is found in a text; 0 is not at all. */
export function scoreWord(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return AT_START + word.length / text.length;
  if (at > 0) {
    const startsWord = /[^a-z0-9]/.test(text[at - 1]!) ? at : findWordStart(text, word, at);
    return (startsWord < 0 ? INSIDE : AT_WORD) + word.length / text.length;
  }
  return word.length < 2 ? 0 : scoreLetters(text, word);
}

function findWordStart(text: string, word: string, from: number): number {
  for (let at = text.indexOf(word, from + 1); at >= 0; at = text.indexOf(word, at + 1))
    if (/[^a-z0-9]/.test(text[at - 1]!)) return at;
  return -1;
}

/** The letters of a word in order, with gaps: at most two letters left out for each. */
function scoreLetters(text: string, word: string): number {
  for (let start = text.indexOf(word[0]!); start >= 0; start = text.indexOf(word[0]!, start + 1)) {
    // It begins where a word begins: letters strewn over a text are not what was meant.
    if (start > 0 && /[a-z0-9]/.test(text[start - 1]!)) continue;
    let at = start;
    for (let i = 1; i < word.length && at >= 0; i++) at = text.indexOf(word[i]!, at + 1);
    if (at >= 0 && at - start < 3 * word.length) return 1 + word.length / (at - start + 1);
  }
  return 0;
}
