import type { Task, TaskContext, TaskRunner } from './tasks.ts';

/** Shares of a job, handed out one at a time to whichever thread asks next. */
export interface Deal {
  readonly count: number;
  /** Number of the next share, in memory that all threads see. */
  readonly next: Int32Array;
}

/** A share's number and what came of it. */
export type Done<Result> = readonly [share: number, result: Result];

/**
 * Run a job in shares on all of the runner's threads.
 *
 * Each thread is told of the job once and then helps itself, so that shares may be small and no thread waits for another.
 * How a job is cut must not depend on the number of threads: then its results do not either.
 *
 * @param count how many shares there are.
 * @returns what came of each, in the order of the shares.
 * @throws what the first share to fail throws; those that are not dealt by then are left.
 */
export async function runShares<Input extends object, Result>(
  task: Task<Input & { readonly deal: Deal }, readonly Done<Result>[]>,
  input: Input,
  count: number,
  runner: TaskRunner,
  context: TaskContext,
): Promise<readonly Result[]> {
  const deal: Deal = { count, next: new Int32Array(new SharedArrayBuffer(4)) };
  const hands = Array.from({ length: Math.min(runner.concurrency, count) }, () =>
    runner.run(task, { ...input, deal }, context).catch((error: unknown) => {
      // What the others would still do, nobody would look at.
      Atomics.store(deal.next, 0, count);
      throw error;
    }),
  );
  const results = new Array<Result>(count);
  for (const done of await Promise.all(hands)) {
    for (const [share, result] of done) results[share] = result;
  }
  return results;
}

/** Take shares of a deal until there are none left. */
export function takeShares<Result>(
  { count, next }: Deal,
  work: (share: number) => Result,
): readonly Done<Result>[] {
  const done: Done<Result>[] = [];
  for (;;) {
    const share = Atomics.add(next, 0, 1);
    if (share >= count) return done;
    done.push([share, work(share)]);
  }
}
