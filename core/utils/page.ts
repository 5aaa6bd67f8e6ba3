/** How a list is paged: `cursor` is what the page before called `nextCursor`. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  /** 1..1000. */
  readonly limit: number;
}

/** A page of rows; no `nextCursor` on the last one. */
export interface Page<Row> {
  readonly items: readonly Row[];
  readonly nextCursor?: string | undefined;
  /** Rows that match, all pages together. */
  readonly total: number;
}

/** Read a list to its end, page by page. */
export async function readAll<Row>(
  readPage: (cursor: string | undefined) => Promise<Pick<Page<Row>, 'items' | 'nextCursor'>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await readPage(cursor);
    rows.push(...items);
    cursor = nextCursor;
  } while (cursor !== undefined);
  return rows;
}
