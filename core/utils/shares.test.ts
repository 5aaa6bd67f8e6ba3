import { expect, it } from 'vitest';
import { type Deal, type Done, runShares, takeShares } from './shares.ts';
import { createInlineRunner, type Task } from './tasks.ts';

const square: Task<{ readonly deal: Deal; readonly add: number }, readonly Done<number>[]> = {
  name: 'test.square',
  run: ({ deal, add }) => takeShares(deal, (share) => share * share + add),
};

it('gives what came of each share in its place, whoever did it', async () => {
  const alone = await runShares(square, { add: 1 }, 5, createInlineRunner(), {});
  expect(alone).toEqual([1, 2, 5, 10, 17]);
  // Four hands that take turns, the last to come first.
  const hands: (() => void)[] = [];
  const runner = {
    concurrency: 4,
    run: <Input, Output>(task: Task<Input, Output>, input: Input) =>
      new Promise<Output>((resolve) => hands.push(() => resolve(task.run(input, {})))),
  };
  const shared = runShares(square, { add: 1 }, 5, runner, {});
  expect(hands).toHaveLength(4);
  for (const hand of hands.reverse()) hand();
  expect(await shared).toEqual(alone);
});

it('deals each share once, to those who ask while there are any', () => {
  const deal: Deal = { count: 3, next: new Int32Array(new SharedArrayBuffer(4)) };
  const taken: number[] = [];
  takeShares(deal, (share) => {
    taken.push(share);
    if (share === 0) takeShares(deal, (other) => taken.push(other));
  });
  expect(taken).toEqual([0, 1, 2]);
  expect(takeShares(deal, (share) => share)).toEqual([]);
});

it('deals no more once a share has failed', async () => {
  let done = 0;
  const fail: Task<{ readonly deal: Deal }, readonly Done<number>[]> = {
    name: 'test.fail',
    run: ({ deal }) =>
      takeShares(deal, (share) => {
        if (share === 1) throw new Error('a slip');
        return ++done;
      }),
  };
  // The first hand takes one share and waits; the second fails at the next one.
  let goOn = (): void => undefined;
  const failed = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let hands = 0;
  const runner = {
    concurrency: 2,
    run: async <Input, Output>(task: Task<Input, Output>, input: Input) => {
      const isFirst = hands++ === 0;
      if (isFirst) {
        Atomics.add((input as { readonly deal: Deal }).deal.next, 0, 1);
        await failed;
      }
      return task.run(input, {});
    },
  };
  await expect(runShares(fail, {}, 10, runner, {})).rejects.toThrow('a slip');
  goOn();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(done).toBe(0);
});

it('asks for no more hands than there are shares, and for none where there is nothing to do', async () => {
  const asked: number[] = [];
  const runner = {
    ...createInlineRunner(),
    concurrency: 8,
    run: async <Input, Output>(task: Task<Input, Output>, input: Input) => {
      asked.push(1);
      return task.run(input, {});
    },
  };
  expect(await runShares(square, { add: 0 }, 2, runner, {})).toEqual([0, 1]);
  expect(asked).toHaveLength(2);
  expect(await runShares(square, { add: 0 }, 0, runner, {})).toEqual([]);
  expect(asked).toHaveLength(2);
});
