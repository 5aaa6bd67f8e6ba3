import type { StopSignal } from '../../utils/index.ts';

/**
 * Do work on items, so many at once and each taken up as soon as another is done.
 *
 * After the first failure nothing more is taken up; what runs comes to its end before the failure is told.
 *
 * @throws what the first work that failed threw
 */
export async function eachAtOnce<Item>(
  items: AsyncIterable<Item>,
  atOnce: number,
  work: (item: Item) => Promise<unknown>,
  signal?: StopSignal | undefined,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    try {
      while (failures.length === 0 && !signal?.aborted) {
        const next = await iterator.next();
        if (next.done) return;
        await work(next.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await iterator.return?.();
  if (failures.length > 0) throw failures[0];
}

/** List rows page after page, each after the last of the page before. */
export async function* eachOfPages<Row extends { readonly sha256: string }>(
  list: (limit: number, after: string) => Promise<readonly Row[]>,
  limit: number,
): AsyncGenerator<Row, void> {
  for (let after = ''; ; ) {
    const page = await list(limit, after);
    yield* page;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.sha256;
  }
}
