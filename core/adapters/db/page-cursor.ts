import { AstridError, type ErrorCode } from '../../utils/errors.ts';

/** Write the sort key of a page's last row as an opaque cursor. */
export function writeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * Read a cursor back, checked against the list it is used on.
 *
 * @param shape one example value for each part of the key: `['', 0]` wants a string and a number.
 * @throws the given code when the cursor is not of this list
 */
export function readCursor<Key extends readonly (string | number)[]>(
  cursor: string,
  shape: Key,
  code: ErrorCode,
): Key {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    key = undefined;
  }
  const fits =
    Array.isArray(key) &&
    key.length === shape.length &&
    key.every((part, position) => typeof part === typeof shape[position]);
  if (!fits) throw notOfList(cursor, code);
  return key as unknown as Key;
}

/** What is said of a cursor that is not of the list it is used on. */
export function notOfList(cursor: string, code: ErrorCode): AstridError {
  return new AstridError(code, 'The cursor is not one of this list; ask for the first page again.', {
    cursor,
  });
}
