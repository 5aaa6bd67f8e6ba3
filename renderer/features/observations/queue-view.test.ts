import { describe, expect, it } from 'vitest';
import { runsMeant, toggleMark, useQueueView } from './queue-view.ts';

describe('a command of the queue', () => {
  const old = { id: 'old', status: 'failed' } as const;
  const chosen = { id: 'chosen', status: 'running' } as const;

  it('is meant for what is marked, also where that is not among the newest runs', () => {
    toggleMark(old);
    expect(runsMeant(useQueueView.getState().marked, [chosen], chosen)).toEqual([old]);
    toggleMark(old);
    expect(runsMeant(useQueueView.getState().marked, [chosen], chosen)).toEqual([chosen]);
  });

  it('goes by what became of a run since it was marked', () => {
    const done = { id: 'old', status: 'done' } as const;
    expect(runsMeant([old], [done], undefined)).toEqual([done]);
  });
});
