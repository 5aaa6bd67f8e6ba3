import { describe, expect, test } from 'vitest';
import { createExchangeDesk } from './exchange-desk.ts';

/** An exchange that lasts until it is let go or stopped, and what happened in order. */
function makeSlowExchange() {
  const log: string[] = [];
  let begun = 0;
  const letGo: (() => void)[] = [];
  const exchange = async (signal: AbortSignal): Promise<number> => {
    const number = ++begun;
    log.push(`${number} begins`);
    await new Promise<void>((done) => {
      letGo.push(done);
      signal.addEventListener('abort', () => done(), { once: true });
    });
    // What was underway is written down before it ends.
    await new Promise((done) => setImmediate(done));
    log.push(`${number} ${signal.aborted ? 'is stopped' : 'ends'}`);
    signal.throwIfAborted();
    return number;
  };
  return { log, exchange, letGo };
}

const tick = () => new Promise((done) => setImmediate(done));

describe('exchanges', () => {
  test('are one for all who ask at once, and who leaves ends nobody else’s', async () => {
    const { exchange, letGo, log } = makeSlowExchange();
    const desk = createExchangeDesk(exchange);
    const leaving = new AbortController();
    const left = desk.exchange(leaving.signal);
    const stays = desk.exchange();
    await tick();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'internal/stopped' });
    letGo[0]!();
    expect(await stays).toBe(1);
    expect(log).toEqual(['1 begins', '1 ends']);
    const next = desk.exchange(new AbortController().signal);
    await tick();
    letGo[1]!();
    expect(await next).toBe(2);
  });

  test('are over before the connection changes, and begin again after it has', async () => {
    const { exchange, letGo, log } = makeSlowExchange();
    const desk = createExchangeDesk(exchange);
    const before = desk.exchange();
    await tick();
    const change = async (name: string) => {
      log.push(`${name} begins`);
      await tick();
      log.push(`${name} ends`);
    };
    const changes = [desk.pause(() => change('connecting'))];
    const meanwhile = desk.exchange();
    changes.push(desk.pause(() => change('connecting again')));
    const after = desk.exchange();
    await expect(before).rejects.toMatchObject({ code: 'internal/stopped' });
    await expect(meanwhile).rejects.toMatchObject({ code: 'internal/stopped' });
    await Promise.all(changes);
    await tick();
    letGo.at(-1)!();
    expect(await after).toBe(2);
    expect(log).toEqual([
      ...['1 begins', '1 is stopped', 'connecting begins', 'connecting ends'],
      ...['connecting again begins', 'connecting again ends', '2 begins', '2 ends'],
    ]);
  });

  test('go on after a change that failed, and fail for who asked and nobody else', async () => {
    let isBroken = true;
    const desk = createExchangeDesk(async () => {
      if (isBroken) throw new Error('offline');
      return 'done';
    });
    const leaving = new AbortController();
    const left = desk.exchange(leaving.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'internal/stopped' });
    await expect(desk.exchange()).rejects.toThrow('offline');
    await expect(desk.pause(() => Promise.reject(new Error('locked')))).rejects.toThrow('locked');
    isBroken = false;
    expect(await desk.exchange()).toBe('done');
  });

  test('end with the program', async () => {
    const { exchange, log } = makeSlowExchange();
    const desk = createExchangeDesk(exchange);
    const running = desk.exchange();
    await tick();
    await Promise.all([expect(running).rejects.toMatchObject({ code: 'internal/stopped' }), desk.close()]);
    await expect(desk.exchange()).rejects.toMatchObject({ code: 'internal/stopped' });
    expect(log).toEqual(['1 begins', '1 is stopped']);
  });
});
