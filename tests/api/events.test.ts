import { expect, onTestFinished, test } from 'vitest';
import { LOCAL } from '../../core/api/index.ts';
import { listen } from '../../core/app/serve.ts';
import { openWorkstation } from '../support/open-workstation.ts';
import { makeId } from '../support/seed-workspace.ts';
import { makeRandom } from '../sync/make-random.ts';
import { followEvents, followTogether } from './follow-events.ts';

async function open(heartbeatMs = 15_000) {
  const workstation = await openWorkstation({ heartbeatMs });
  const host = await listen({ fetch: workstation.fetch, port: 0 });
  onTestFinished(() => host.close());
  return { ...workstation, server: { port: host.port, token: host.token! } };
}

test('clients whose lines are cut at any moment hear every event once and in order', async () => {
  const { server } = await open();
  const report = await followTogether(server, {
    clients: 12,
    changes: 40,
    cutChance: 0.1,
    random: makeRandom(5),
    withinMs: 30_000,
  });
  expect(report.events).toBeGreaterThanOrEqual(80);
  expect(report.cuts).toBeGreaterThan(10);
  expect(report.wrong).toEqual([]);
});

test('silence is broken by a heartbeat, which is no event', async () => {
  const { server, seed } = await open(50);
  const follower = followEvents(server, seed.lastEventId);
  while (follower.heard().heartbeats < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(follower.heard().ids).toEqual([]);
  follower.close();
});

test('for a client that does not read, nothing is read from the log and nothing kept', async () => {
  const { fetch, database, tellProgress } = await openWorkstation();
  const read = database.events.read;
  let reads = 0;
  database.events.read = (query) => {
    reads++;
    return read(query);
  };
  const response = await fetch(new Request('astrid://app/api/v1/events'), LOCAL);
  const reader = response.body!.getReader();
  await reader.read();
  for (let n = 0; n < 100; n++) {
    await database.runs.create({
      id: makeId(0x1000 + n),
      sciencePath: `/night/${n}.fits`,
      templatePath: '/t.fits',
      options: { allowBandMismatch: false },
    });
    tellProgress({ runId: makeId(1), stage: 'detect', fraction: n / 100, message: '' });
  }
  expect(reads).toBe(0);
  // Once it reads again it is told all that happened, and of progress the newest.
  const text = new TextDecoder().decode((await reader.read()).value);
  expect(text.match(/^id: /gm)).toHaveLength(100);
  expect(text.match(/^event: progress/gm)).toHaveLength(1);
  await reader.cancel();
});
