import { describe, expect, it } from 'vitest';
import type { NewCurationEvent, Verdict } from '../../../core/api/contract/index.ts';
import type { EventLog } from '../../api/labels.ts';
import { LabelSession } from './label-session.ts';
import { formatRest, isBreakDue, pacePerHour } from './pace.ts';

type NewLabel = Extract<NewCurationEvent, { kind: 'label' }>;

/** A core at the far end of a network: it answers later, and can be unplugged. */
function farCore() {
  const saved: NewLabel[] = [];
  const retracted: string[] = [];
  const requests: NewCurationEvent[][] = [];
  let isPluggedIn = true;
  const log: EventLog = {
    record: async (events) => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (!isPluggedIn) throw new TypeError('Failed to fetch');
      requests.push([...events]);
      return events.flatMap((event) => {
        if (event.kind === 'retraction') retracted.push(event.retractsId);
        if (event.kind !== 'label') return [];
        saved.push(event);
        return [{ ...event, curator: 'ann', decidedAt: '2026-01-02T03:04:05.678Z' }];
      });
    },
  };
  return {
    log,
    saved,
    retracted,
    requests,
    plug: (isIn: boolean) => {
      isPluggedIn = isIn;
    },
  };
}

function sessionOf(count: number, core: ReturnType<typeof farCore>) {
  let clock = 1000;
  let made = 0;
  const items = Array.from({ length: count }, (_, i) => ({
    candidateId: `c${i}`,
    purpose: 'work' as const,
    label: undefined,
    isFlagged: false,
    comments: 0,
  }));
  const session = new LabelSession(items, { log: core.log, now: () => clock, makeId: () => `id${made++}` });
  return {
    session,
    wait: (ms: number) => {
      clock += ms;
    },
  };
}

const settled = async (session: LabelSession): Promise<void> => {
  while (session.queue.saving !== undefined && session.queue.failure === undefined)
    await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('a labelling session', () => {
  it('turns 200 keys pressed at once into 200 labels, each on its candidate and in order', async () => {
    const core = farCore();
    const { session } = sessionOf(230, core);
    const verdicts = Array.from(
      { length: 200 },
      (_, i): Verdict => (['real', 'bogus', 'unsure'] as const)[i % 3]!,
    );
    for (const verdict of verdicts) session.label({ verdict, scoreVisible: true });
    await settled(session);
    expect(core.saved.map(({ candidateId, verdict }) => [candidateId, verdict])).toEqual(
      verdicts.map((verdict, i) => [`c${i}`, verdict]),
    );
    expect(new Set(core.saved.map(({ id }) => id)).size).toBe(200);
    expect(session.queue.cursor).toBe(200);
  });

  it('tells how long the candidate was looked at, and whether the score was in view', async () => {
    const core = farCore();
    const { session, wait } = sessionOf(2, core);
    wait(750);
    session.label({ verdict: 'real', scoreVisible: false });
    await settled(session);
    wait(320);
    session.label({ verdict: 'bogus', scoreVisible: true, classId: 'dipole', viewHash: 'v' });
    await settled(session);
    expect(core.saved).toMatchObject([
      { decisionMs: 750, scoreVisible: false },
      { decisionMs: 320, scoreVisible: true, classId: 'dipole', viewHash: 'v' },
    ]);
  });

  it('keeps a label that could not be sent and sends the same one when asked', async () => {
    const core = farCore();
    const { session } = sessionOf(2, core);
    core.plug(false);
    session.label({ verdict: 'real', scoreVisible: true });
    await settled(session);
    expect(session.queue.failure?.code).toBe('network/unreachable');
    const [unsent] = session.queue.saving!.ids;
    core.plug(true);
    session.retry();
    await settled(session);
    expect(core.saved.map(({ id }) => id)).toEqual([unsent]);
    expect(session.queue.cursor).toBe(1);
  });

  it('takes labels back, as many as there are', async () => {
    const core = farCore();
    const { session } = sessionOf(30, core);
    for (let i = 0; i < 25; i++) session.label({ verdict: 'bogus', scoreVisible: true });
    for (let i = 0; i < 40; i++) session.undo();
    await settled(session);
    expect(core.retracted).toEqual(core.saved.map(({ id }) => id).reverse());
    expect(session.queue.cursor).toBe(0);
  });
});

describe('compensating events', () => {
  it('take back labels and comments, set flags the other way, and send a page as one request', async () => {
    const core = farCore();
    const { session } = sessionOf(4, core);
    session.flag();
    session.comment('odd');
    session.labelAll(['c0', 'c1'], { verdict: 'bogus', scoreVisible: false });
    for (let i = 0; i < 3; i++) session.undo();
    await settled(session);
    expect(core.requests.map((events) => events.map(({ kind }) => kind))).toEqual([
      ['flag'],
      ['comment'],
      ['label', 'label'],
      ['retraction', 'retraction'],
      ['retraction'],
      ['flag'],
    ]);
    expect(core.requests[0]![0]).toMatchObject({ isSet: true });
    expect(core.requests[5]![0]).toMatchObject({ isSet: false });
    expect(core.retracted).toEqual([...core.requests[2]!.map(({ id }) => id), core.requests[1]![0]!.id]);
    // A page was not looked at one by one: there is no time of decision to tell.
    expect(core.saved[0]).not.toHaveProperty('decisionMs');
  });
});

describe('breaks', () => {
  it('are due after 45 minutes without a pause of five, and not while nobody works', () => {
    const minutes = (n: number) => n * 60_000;
    const steady = Array.from({ length: 46 }, (_, i) => minutes(i));
    expect(isBreakDue(steady, minutes(45))).toBe(true);
    expect(isBreakDue(steady.slice(0, 40), minutes(40))).toBe(false);
    expect(isBreakDue(steady, minutes(60))).toBe(false);
    const rested = [...steady.slice(0, 30), ...steady.map((at) => at + minutes(40)).slice(0, 20)];
    expect(isBreakDue(rested, minutes(60))).toBe(false);
    expect(isBreakDue([], 0)).toBe(false);
  });
});

describe('the pace', () => {
  it('is decisions an hour, long pauses left out', () => {
    expect(pacePerHour([0, 10_000])).toBeUndefined();
    expect(pacePerHour([0, 10_000, 20_000])).toBeCloseTo(360, 6);
    expect(pacePerHour([0, 10_000, 3_610_000])).toBeCloseTo((2 * 3600) / 70, 6);
  });

  it('says how long the rest takes', () => {
    expect([formatRest(10, 60), formatRest(125, 60), formatRest(1, 3600)]).toEqual([
      '10 min',
      '2 h 05',
      '1 min',
    ]);
  });
});
