import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { PlaneStatistics } from './model.ts';
import { PlaneStore } from './plane-store.ts';
import type { PlaneAnswer, PlaneRequest } from './plane-worker.ts';

/** The thread that reads pixels, answered for by the test: there is none in Node as a browser has it. */
class Thread {
  static readonly all: Thread[] = [];
  readonly asked: PlaneRequest[] = [];
  readonly terminate = vi.fn();
  onmessage: ((event: { data: PlaneAnswer }) => void) | undefined;
  onerror: ((event: { message: string; preventDefault(): void }) => void) | undefined;

  constructor() {
    Thread.all.push(this);
  }

  postMessage(request: PlaneRequest): void {
    this.asked.push(request);
  }

  answer(data: PlaneAnswer): void {
    this.onmessage!({ data });
  }

  load(id: string): void {
    this.answer({ kind: 'loaded', id, levels: [], statistics: { isExact: false } as PlaneStatistics });
  }
}

/** Too large to be in memory whole, so that it is surveyed. */
const plane = (id: string) => ({ id, url: `/${id}`, width: 4096, height: 4096 });

const kindsAskedOf = (thread: Thread) => thread.asked.map(({ kind, id }) => `${kind} ${id}`);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('Worker', Thread);
  vi.stubGlobal('location', { href: 'http://core/' });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Thread.all.length = 0;
});

it('reads again what failed and surveys again what was declined when the core is back', () => {
  const store = new PlaneStore();
  store.hold(plane('a'));
  store.hold(plane('b'));
  const thread = Thread.all[0]!;
  thread.answer({ kind: 'failed', id: 'a', message: 'away', isAway: false });
  thread.load('b');
  vi.advanceTimersByTime(1000);
  thread.answer({ kind: 'declined', id: 'b', message: 'away', isAway: false });
  vi.advanceTimersByTime(10_000);
  expect(kindsAskedOf(thread)).toEqual(['load a', 'load b', 'survey b']);
  store.retryFailed();
  expect(store.stateOf('a')?.kind).toBe('loading');
  vi.advanceTimersByTime(1000);
  expect(kindsAskedOf(thread).slice(3)).toEqual(['load a', 'survey b']);
  store.close();
});

it('surveys the other planes when the thread stops in a survey, and that one when the core is back', () => {
  const store = new PlaneStore();
  for (const id of ['a', 'b']) store.hold(plane(id));
  const [thread] = Thread.all as [Thread];
  for (const id of ['a', 'b']) thread.load(id);
  vi.advanceTimersByTime(1000);
  thread.onerror!({ message: 'out of memory', preventDefault: () => undefined });
  vi.advanceTimersByTime(1000);
  expect(kindsAskedOf(Thread.all[1]!)).toEqual(['survey b']);
  Thread.all[1]!.answer({
    kind: 'surveyed',
    id: 'b',
    levels: [],
    statistics: { isExact: true } as PlaneStatistics,
  });
  vi.advanceTimersByTime(10_000);
  expect(Thread.all[1]!.asked).toHaveLength(1);
  store.retryFailed();
  vi.advanceTimersByTime(1000);
  expect(kindsAskedOf(Thread.all[1]!)).toEqual(['survey b', 'survey a']);
  store.close();
});

it('surveys the next plane when the one in survey is shown no more', () => {
  const store = new PlaneStore();
  const leave = store.hold(plane('a'));
  store.hold(plane('b'));
  const thread = Thread.all[0]!;
  for (const id of ['a', 'b']) thread.load(id);
  vi.advanceTimersByTime(1000);
  leave();
  vi.advanceTimersByTime(1000);
  expect(kindsAskedOf(thread)).toEqual(['load a', 'load b', 'survey a', 'cancel a', 'survey b']);
  store.close();
});
