import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen } from '../../core/app/serve.ts';
import { openWorkstation, type Workstation } from '../support/open-workstation.ts';
import type { WhenDone } from '../support/temporary-workspace.ts';
import { BEHAVIOURS, type Door } from './behaviours.ts';

/** Speak to something that answers as `fetch` does. */
function makeDoor(send: (path: string, init: RequestInit) => Promise<Response>): Door {
  return {
    worksQueue: false,
    ask: async (path, { method = 'GET', headers = {}, body } = {}) => {
      const response = await send(path, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
    },
    listen: async (path, until, headers = {}) => {
      const response = await send(path, { headers });
      expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
      const reader = response.body!.getReader();
      const decoder = new TextDecoder();
      let text = '';
      while (!text.includes(until)) {
        const { done, value } = await reader.read();
        if (done) break;
        text += decoder.decode(value, { stream: true });
      }
      await reader.cancel();
      return text;
    },
  };
}

function openDirect(fetch: Workstation['fetch']): Door {
  return makeDoor((path, init) => fetch(new Request(`astrid://app${path}`, init)));
}

async function openHttp(fetch: Workstation['fetch'], whenDone: WhenDone): Promise<Door> {
  const host = await listen({ fetch, port: 0 });
  whenDone(() => void host.close());
  const token = new URL(host.url).searchParams.get('token');
  return makeDoor((path, init) =>
    globalThis.fetch(`http://127.0.0.1:${host.port}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${token}` },
    }),
  );
}

const doors: Readonly<Record<string, (fetch: Workstation['fetch'], whenDone: WhenDone) => Promise<Door>>> = {
  direct: async (fetch) => openDirect(fetch),
  HTTP: openHttp,
};

for (const [name, open] of Object.entries(doors)) {
  describe(`the door, ${name},`, () => {
    const cleanUps: (() => void)[] = [];
    let door: Door;
    let workstation: Workstation;
    // One workstation for all of them, as in Electron: a behaviour leaves the others alone.
    beforeAll(async () => {
      const whenDone: WhenDone = (cleanUp) => void cleanUps.push(cleanUp);
      workstation = await openWorkstation({ whenDone });
      door = await open(workstation.fetch, whenDone);
    });
    afterAll(() => {
      for (const cleanUp of cleanUps.reverse()) cleanUp();
    });

    for (const behaviour of BEHAVIOURS)
      test(behaviour.name, async () => {
        await behaviour.check(door, workstation.seed);
        expect(workstation.bugs).toEqual([]);
      });
  });
}
