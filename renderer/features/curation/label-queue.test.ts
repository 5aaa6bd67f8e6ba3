import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Label, Verdict } from '../../../core/api/contract/index.ts';
import {
  type Command,
  countLeft,
  type LabelQueue,
  PATIENCE_MS,
  type QueuePlace,
  reduceQueue,
  startQueue,
} from './label-queue.ts';

const labelOf = (candidateId: string, id: string, verdict: Verdict): Label => ({
  id,
  candidateId,
  verdict,
  curator: 'ann',
  decidedAt: '2026-01-02T03:04:05.678Z',
  purpose: 'work',
  scoreVisible: false,
});

const itemsOf = (count: number): QueuePlace[] =>
  Array.from({ length: count }, (_, i) => ({
    candidateId: `c${i}`,
    purpose: 'work',
    label: undefined,
    isFlagged: false,
    comments: 0,
  }));

const press = (queue: LabelQueue, command: Command, nowMs = 0): LabelQueue =>
  reduceQueue(queue, { kind: 'pressed', command, nowMs });

let ids = 0;
const label = (verdict: Verdict = 'real'): Command => ({
  kind: 'label',
  id: `l${ids++}`,
  judgement: { verdict, scoreVisible: false },
});
const undo: Command = { kind: 'undo', makeId: () => `u${ids++}` };
const redo: Command = { kind: 'redo', makeId: () => `r${ids++}` };

/** The disk answers the request on its way. */
function acknowledge(queue: LabelQueue): LabelQueue {
  const { saving } = queue;
  const labels =
    saving === undefined || saving.kind === 'undo'
      ? []
      : saving.act.deeds.flatMap((deed, i) =>
          deed.kind === 'label' ? [labelOf(deed.candidateId, saving.ids[i]!, deed.judgement.verdict)] : [],
        );
  return reduceQueue(queue, { kind: 'saved', labels, nowMs: 0 });
}

function settle(queue: LabelQueue): LabelQueue {
  let settled = queue;
  while (settled.saving !== undefined) settled = acknowledge(settled);
  return settled;
}

describe('the queue', () => {
  it('starts at the first candidate without a label', () => {
    const [first, ...rest] = itemsOf(3);
    const queue = startQueue([{ ...first!, label: labelOf('c0', 'x', 'real') }, ...rest]);
    expect(queue.cursor).toBe(1);
    expect(countLeft(queue)).toBe(2);
  });

  it('shows the next candidate only when the label is on disk', () => {
    const pressed = press(startQueue(itemsOf(2)), label('bogus'));
    expect(pressed.cursor).toBe(0);
    expect(pressed.saving?.act.deeds).toMatchObject([{ candidateId: 'c0', judgement: { verdict: 'bogus' } }]);
    const saved = acknowledge(pressed);
    expect([saved.cursor, saved.items[0]!.label?.verdict, saved.savedCount]).toEqual([1, 'bogus', 1]);
  });

  it('gives every key of a burst a candidate of its own, in order', () => {
    const verdicts: Verdict[] = ['real', 'bogus', 'unsure', 'real', 'bogus'];
    let queue = startQueue(itemsOf(7));
    for (const verdict of verdicts) queue = press(queue, label(verdict));
    expect(queue.waiting).toHaveLength(4);
    queue = settle(queue);
    expect(queue.items.map((item) => item.label?.verdict)).toEqual([...verdicts, undefined, undefined]);
    expect(queue.cursor).toBe(5);
  });

  it('ignores keys after the last candidate', () => {
    let queue = startQueue(itemsOf(1));
    for (let i = 0; i < 3; i++) queue = press(queue, label());
    queue = settle(queue);
    expect([queue.cursor, queue.history.length, queue.saving]).toEqual([1, 1, undefined]);
  });

  it('works without candidates', () => {
    let queue = startQueue([]);
    for (const command of [label(), undo, redo, { kind: 'move', by: 1 }, { kind: 'skip' }] as const)
      queue = press(queue, command);
    expect(queue).toEqual(startQueue([]));
  });

  it('takes labels back one by one, in the order in which keys were pressed', () => {
    let queue = startQueue(itemsOf(3));
    for (const command of [label('real'), label('bogus'), undo, label('unsure')])
      queue = press(queue, command);
    queue = settle(queue);
    expect(queue.items.map((item) => item.label?.verdict)).toEqual(['real', 'unsure', undefined]);
    queue = settle(press(settle(press(queue, undo)), undo));
    expect(queue.items.every((item) => item.label === undefined)).toBe(true);
    expect([queue.cursor, queue.savedCount]).toEqual([0, 0]);
  });

  it('gives an older label back its place when the newer one is taken back', () => {
    const queue = startQueue([
      { ...itemsOf(1)[0]!, label: labelOf('c0', 'old', 'real') },
      ...itemsOf(2).slice(1),
    ]);
    const onFirst = press(queue, { kind: 'move', by: -1 });
    const relabelled = settle(press(onFirst, label('bogus')));
    expect(relabelled.items[0]!.label?.verdict).toBe('bogus');
    const undone = settle(press(relabelled, undo));
    expect([undone.items[0]!.label?.id, undone.cursor]).toEqual(['old', 0]);
  });

  it('moves without labelling and stops at both ends', () => {
    let queue = startQueue(itemsOf(2));
    queue = press(queue, { kind: 'move', by: -1 });
    expect(queue.cursor).toBe(0);
    for (let i = 0; i < 5; i++) queue = press(queue, { kind: 'move', by: 1 });
    expect(queue.cursor).toBe(2);
    expect(countLeft(queue)).toBe(2);
  });

  it('puts a skipped candidate to the end and comes back to it', () => {
    let queue = press(startQueue(itemsOf(3)), { kind: 'skip' });
    expect(queue.items.map((item) => item.candidateId)).toEqual(['c1', 'c2', 'c0']);
    queue = settle(press(settle(press(queue, label())), label()));
    expect(queue.items[queue.cursor]!.candidateId).toBe('c0');
  });

  it('returns to candidates that were passed over before it ends', () => {
    let queue = press(startQueue(itemsOf(2)), { kind: 'move', by: 1 });
    queue = settle(press(queue, label()));
    expect(queue.cursor).toBe(0);
  });
});

describe('undo and redo', () => {
  const verdictsOf = (queue: LabelQueue) => queue.items.map(({ label: one }) => one?.verdict);

  it('go back and forth without limit, and what is new ends redo', () => {
    let queue = startQueue(itemsOf(30));
    for (let i = 0; i < 25; i++) queue = press(queue, label('bogus'));
    for (let i = 0; i < 25; i++) queue = press(queue, undo);
    queue = settle(queue);
    expect([countLeft(queue), queue.undone.length, queue.cursor]).toEqual([30, 25, 0]);
    for (let i = 0; i < 10; i++) queue = press(queue, redo);
    queue = settle(queue);
    expect([countLeft(queue), queue.undone.length, queue.cursor]).toEqual([20, 15, 10]);
    queue = settle(press(queue, label('real')));
    expect(queue.undone).toEqual([]);
    expect(press(queue, redo)).toBe(queue);
  });

  it('do the same again under new ids: what was taken back stays taken back', () => {
    let queue = settle(press(startQueue(itemsOf(2)), label('real')));
    const first = queue.items[0]!.label!.id;
    queue = settle(press(settle(press(queue, undo)), redo));
    expect(queue.items[0]!.label).toMatchObject({ verdict: 'real' });
    expect(queue.items[0]!.label!.id).not.toBe(first);
  });

  it('take a whole page as one act', () => {
    let queue = settle(press(startQueue(itemsOf(6)), label('real')));
    queue = settle(
      press(queue, {
        kind: 'label-all',
        ids: ['p1', 'p2', 'p3', 'p4'],
        candidateIds: ['c0', 'c1', 'c2', 'c3'],
        judgement: { verdict: 'bogus', scoreVisible: false },
      }),
    );
    expect(verdictsOf(queue)).toEqual(['real', 'bogus', 'bogus', 'bogus', undefined, undefined]);
    expect([queue.cursor, queue.savedCount, queue.history.length]).toEqual([4, 4, 2]);
    queue = settle(press(queue, undo));
    expect(verdictsOf(queue)).toEqual(['real', undefined, undefined, undefined, undefined, undefined]);
    expect(queue.cursor).toBe(1);
    queue = settle(press(queue, redo));
    expect(countLeft(queue)).toBe(2);
  });

  it('take flags and comments too, and leave the candidate before the eyes', () => {
    let queue = settle(press(startQueue(itemsOf(2)), { kind: 'flag', id: 'f' }));
    queue = settle(press(queue, { kind: 'comment', id: 'k', text: 'near a host' }));
    expect([queue.cursor, queue.items[0]!.isFlagged, queue.items[0]!.comments]).toEqual([0, true, 1]);
    queue = settle(press(settle(press(queue, undo)), undo));
    expect([queue.items[0]!.isFlagged, queue.items[0]!.comments]).toEqual([false, 0]);
    queue = settle(press(settle(press(queue, redo)), redo));
    expect([queue.items[0]!.isFlagged, queue.items[0]!.comments]).toEqual([true, 1]);
  });

  it('let an older decision be changed where it stands in the history', () => {
    let queue = startQueue(itemsOf(5));
    for (const verdict of ['real', 'real', 'real'] as const) queue = settle(press(queue, label(verdict)));
    queue = press(queue, { kind: 'go', candidateId: 'c1' });
    expect(queue.cursor).toBe(1);
    queue = settle(press(queue, label('bogus')));
    expect(verdictsOf(queue)).toEqual(['real', 'bogus', 'real', undefined, undefined]);
    expect(queue.cursor).toBe(3);
    queue = settle(press(queue, undo));
    expect([verdictsOf(queue)[1], queue.cursor]).toEqual(['real', 1]);
  });
});

describe('what the core says later', () => {
  const found = (queue: LabelQueue, items: readonly QueuePlace[]) =>
    reduceQueue(queue, { kind: 'found', items });

  it('adds new candidates and labels given elsewhere, but is older than what was done here', () => {
    let queue = settle(press(startQueue(itemsOf(2)), label('real')));
    queue = settle(press(press(queue, label('bogus')), undo));
    const told = itemsOf(4).map((item, i) =>
      i === 1 || i === 3 ? { ...item, label: labelOf(item.candidateId, `x${i}`, 'unsure') } : item,
    );
    const later = found(queue, told);
    expect(later.items.map(({ label: one }) => one?.verdict)).toEqual([
      'real',
      undefined,
      undefined,
      'unsure',
    ]);
    const fresh = found(startQueue(itemsOf(2)), told);
    expect(fresh.items[1]!.label?.verdict).toBe('unsure');
    expect(found(fresh, told)).toBe(fresh);
  });
});

describe('keys that are no verdicts', () => {
  it('are the letters of a comment that was asked for, until it is there, and no verdicts', () => {
    const opened: string[] = [];
    const comment: Command = { kind: 'call', run: (id) => opened.push(id), takesKeys: true };
    let queue = press(press(startQueue(itemsOf(3)), label('real')), comment);
    for (const typed of [label('bogus'), undo, { kind: 'flag', id: 'f' } as const])
      queue = press(queue, typed);
    queue = settle(queue);
    for (const run of queue.due) run();
    expect(opened).toEqual(['c1']);
    expect(queue.items.map((item) => item.label?.verdict)).toEqual(['real', undefined, undefined]);
    expect(queue.items.some(({ isFlagged }) => isFlagged)).toBe(false);
  });

  it('ask whether the score was seen of the candidate that they judge', () => {
    const seen: Command = {
      kind: 'label',
      id: 'seen',
      judgement: { verdict: 'real', scoreVisible: (id) => id === 'c0' },
    };
    const queue = settle(press(press(startQueue(itemsOf(2)), seen), { ...seen, id: 'unseen' }));
    expect(
      queue.history.map(({ deeds: [deed] }) => deed?.kind === 'label' && deed.judgement.scoreVisible),
    ).toEqual([true, false]);
  });

  it('mean the candidate that the keys before lead to', () => {
    const called: string[] = [];
    const call: Command = { kind: 'call', run: (id) => called.push(id) };
    let queue = startQueue(itemsOf(3));
    for (const command of [
      { kind: 'confidence', confidence: 'low' } as const,
      label('real'),
      { kind: 'confidence', confidence: 'high' } as const,
      label('bogus'),
      call,
    ])
      queue = press(queue, command);
    expect(queue.due).toEqual([]);
    queue = settle(queue);
    const said = queue.history.map(
      ({ deeds: [deed] }) => deed?.kind === 'label' && deed.judgement.confidence,
    );
    expect(said).toEqual(['low', 'high']);
    for (const run of queue.due) run();
    expect(called).toEqual(['c2']);
    expect(queue.confidence).toBeUndefined();
  });

  it('say how sure one is of one candidate alone, and twice is not at all', () => {
    const sure: Command = { kind: 'confidence', confidence: 'mid' };
    const once = press(startQueue(itemsOf(2)), sure);
    expect(once.confidence).toBe('mid');
    expect(press(once, sure).confidence).toBeUndefined();
    expect(press(once, { kind: 'move', by: 1 }).confidence).toBeUndefined();
    const late = press(press(startQueue(itemsOf(2)), label('real')), sure);
    expect([late.confidence, settle(late).confidence]).toEqual([undefined, 'mid']);
  });
});

describe('a save that does not succeed', () => {
  const failed = reduceQueue(press(startQueue(itemsOf(3)), label()), {
    kind: 'failed',
    code: 'curation/disk-full',
    message: 'The disk is full.',
  });

  it('keeps the candidate on screen and takes no more keys', () => {
    expect(failed.cursor).toBe(0);
    expect(press(failed, label('bogus'))).toBe(failed);
  });

  it('can be tried again with the same id, and then goes on', () => {
    const again = reduceQueue(failed, { kind: 'retried', nowMs: 9 });
    expect(again.saving?.ids).toEqual(failed.saving?.ids);
    expect(again.failure).toBeUndefined();
    expect(acknowledge(again).cursor).toBe(1);
  });

  it('can be given up: nothing is labelled, and keys work again', () => {
    const free = reduceQueue(failed, { kind: 'given-up' });
    expect([free.saving, free.cursor, free.items[0]!.label]).toEqual([undefined, 0, undefined]);
    expect(press(free, label()).saving).toBeDefined();
  });

  it('that takes too long takes no more keys: they would mean the candidate on screen', () => {
    const slow = press(startQueue(itemsOf(3)), label(), 1000);
    expect(press(slow, label(), 1000 + PATIENCE_MS).waiting).toHaveLength(1);
    expect(press(slow, label(), 1001 + PATIENCE_MS)).toBe(slow);
    expect(press(slow, undo, 1001 + PATIENCE_MS).waiting).toHaveLength(1);
  });
});

describe('any sequence of keys and answers', () => {
  const step = fc.oneof(
    fc
      .constantFrom<Verdict>('real', 'bogus', 'unsure')
      .map((verdict) => ({ kind: 'label' as const, verdict })),
    fc.constant({ kind: 'undo' as const }),
    fc.constant({ kind: 'answer' as const }),
  );

  it('ends with the labels that were pressed and not taken back, on the first candidates, in order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let queue = startQueue(itemsOf(20));
        const expected: Verdict[] = [];
        for (const one of steps) {
          if (one.kind === 'answer') {
            if (queue.saving !== undefined) queue = acknowledge(queue);
            continue;
          }
          if (one.kind === 'undo') {
            queue = press(queue, undo);
            expected.pop();
          } else {
            queue = press(queue, label(one.verdict));
            if (expected.length < 20) expected.push(one.verdict);
          }
        }
        queue = settle(queue);
        const verdicts = queue.items
          .map((item) => item.label?.verdict)
          .filter((verdict) => verdict !== undefined);
        expect(verdicts).toEqual(expected);
        expect(queue.savedCount).toBe(expected.length);
      }),
    );
  });
});
