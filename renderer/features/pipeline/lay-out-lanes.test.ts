import { describe, expect, it } from 'vitest';
import type { Execution } from '../../../core/api/contract/index.ts';
import { endOfLanes, layOutLanes, ticksOf } from './lay-out-lanes.ts';

const HOUR_MS = 3_600_000;
const noonMs = Date.parse('2026-03-01T12:00:00.000Z');

function makeExecution(worker: string, startedAt: string, finishedAt?: string): Execution {
  const status = finishedAt === undefined ? 'running' : 'done';
  return {
    id: startedAt,
    runId: '1',
    name: 'm31',
    stage: 'ingest',
    status,
    startedAt,
    finishedAt,
    worker,
    runStatus: 'done',
  };
}

describe('lanes of workers', () => {
  it('have a bar for each execution where it lies in time, cut at the edges', () => {
    const lanes = layOutLanes(
      [
        makeExecution('a', '2026-03-01T11:45:00.000Z'),
        makeExecution('b', '2026-03-01T11:15:00.000Z', '2026-03-01T11:30:00.000Z'),
        makeExecution('a', '2026-03-01T10:45:00.000Z', '2026-03-01T11:15:00.000Z'),
        makeExecution('c', '2026-03-01T09:00:00.000Z', '2026-03-01T10:00:00.000Z'),
      ],
      noonMs,
      HOUR_MS,
    );
    expect(lanes.map(({ worker, busy }) => [worker, busy])).toEqual([
      ['a', 0.5],
      ['b', 0.25],
    ]);
    expect(lanes[0]!.bars.map(({ left, width }) => [left, width])).toEqual([
      [0.75, 0.25],
      [0, 0.25],
    ]);
  });

  it('end now while something runs, else where the last thing ended', () => {
    const done = makeExecution('a', '2026-03-01T10:00:00.000Z', '2026-03-01T10:30:00.000Z');
    expect(endOfLanes([done], noonMs)).toBe(Date.parse('2026-03-01T10:30:00.000Z'));
    expect(endOfLanes([done, makeExecution('a', '2026-03-01T11:00:00.000Z')], noonMs)).toBe(noonMs);
    expect(endOfLanes([], noonMs)).toBe(noonMs);
  });

  it('have whole moments on their axis', () => {
    expect(ticksOf(noonMs, HOUR_MS).map(({ label }) => label)).toEqual([
      '11:00',
      '11:05',
      '11:10',
      '11:15',
      '11:20',
      '11:25',
      '11:30',
      '11:35',
      '11:40',
      '11:45',
      '11:50',
      '11:55',
      '12:00',
    ]);
    expect(ticksOf(noonMs, 24 * HOUR_MS).length).toBe(13);
  });
});
