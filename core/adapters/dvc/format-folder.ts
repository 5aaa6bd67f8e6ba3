/** A file of a folder that DVC tracks, as its listing has it. */
export interface TrackedFile {
  readonly md5: string;
  /** Path in the folder, with `/`. */
  readonly relpath: string;
}

/**
 * Write the listing of a folder, whose MD5 is the folder's name, as the bytes that DVC makes of the same files.
 *
 * They are those of Python's `json.dumps(list, sort_keys=True)`: a blank after comma and colon, everything beyond ASCII
 * escaped, files in the order of their code points, no end of line.
 *
 * @see https://dvc.org/doc/user-guide/project-structure/internal-files
 */
export function formatFolder(files: readonly TrackedFile[]): string {
  const sorted = [...files].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  const entries = sorted.map(({ md5, relpath }) => `{"md5": ${write(md5)}, "relpath": ${write(relpath)}}`);
  return `[${entries.join(', ')}]`;
}

function write(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** JavaScript compares halves of characters beyond the first plane; Python compares characters. */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = left[at]!.codePointAt(0)! - right[at]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
