import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Random } from './model.ts';
import { type Server, sendRequest } from './send-request.ts';

/** What a client of the event stream has heard. */
export interface Heard {
  /** Ids in the order they came. */
  readonly ids: readonly number[];
  /** How often its line was cut. */
  readonly cuts: number;
  readonly heartbeats: number;
}

/** A client that goes on where it was whenever its line is cut. */
export interface Follower {
  heard(): Heard;
  /** Cut the line, in the midst of whatever is on it. */
  cut(): void;
  close(): void;
}

/**
 * Follow the event log as a browser does: reconnect at once with `Last-Event-ID`.
 *
 * @param afterId where to begin.
 */
export function followEvents({ port, token }: Server, afterId: number): Follower {
  const ids: number[] = [];
  let cuts = 0;
  let heartbeats = 0;
  let lastId = String(afterId);
  let isClosed = false;
  let current: ClientRequest | undefined;

  const connect = (): void => {
    let text = '';
    const read = (response: IncomingMessage): void => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        // What was not ended by an empty line when the line was cut never came.
        const frames = text.split('\n\n');
        text = frames.pop()!;
        for (const frame of frames) {
          const [, id] = /^id: (\d+)$/m.exec(frame) ?? [];
          if (frame === ':') heartbeats++;
          if (id === undefined) continue;
          lastId = id;
          if (/^data: /m.test(frame)) ids.push(Number(id));
        }
      });
      response.on('error', () => undefined);
    };
    const again = (): void => {
      if (!isClosed) setTimeout(connect, 10);
    };
    current = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: '/api/v1/events?after=0',
        agent: false,
        headers: { authorization: `Bearer ${token}`, 'last-event-id': lastId },
      },
      read,
    );
    // However a line ends, this is heard once and last.
    current.on('close', again);
    current.on('error', () => undefined);
    current.end();
  };
  connect();
  return {
    heard: () => ({ ids, cuts, heartbeats }),
    cut: () => {
      cuts++;
      current?.destroy();
    },
    close: () => {
      isClosed = true;
      current?.destroy();
    },
  };
}

/** What came of following together. */
export interface FollowReport {
  readonly events: number;
  readonly cuts: number;
  /** Clients that missed an event, heard one twice, or out of order. */
  readonly wrong: readonly number[];
  readonly seconds: number;
}

/**
 * Have many clients follow while things happen and lines are cut, and compare what each has heard with the log.
 *
 * @param cutChance of one line, each time something happens.
 */
export async function followTogether(
  server: Server,
  options: {
    readonly clients: number;
    readonly changes: number;
    readonly cutChance: number;
    readonly random: Random;
    readonly withinMs: number;
  },
): Promise<FollowReport> {
  const { clients, changes, cutChance, random, withinMs } = options;
  const ask = async (method: string, target: string, body?: unknown) => {
    const answer = await sendRequest(
      server,
      {
        method,
        target,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      },
      { withinMs },
    );
    return JSON.parse(new TextDecoder().decode(answer.body));
  };
  const newest = async (): Promise<number> => (await ask('GET', '/api/v1/sync')).events;
  const beganMs = performance.now();
  const first = await newest();
  const followers = Array.from({ length: clients }, () => followEvents(server, first));
  for (let n = 0; n < changes; n++) {
    const { id } = await ask('POST', '/api/v1/runs', {
      sciencePath: `/none/${n}.fits`,
      templatePath: '/none/t.fits',
    });
    await ask('POST', `/api/v1/runs/${id}/cancel`, {});
    for (const follower of followers) if (random() < cutChance) follower.cut();
  }
  // The queue may still tell of what it took up before it was cancelled.
  let last = await newest();
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const now = await newest();
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
  const deadlineMs = performance.now() + withinMs;
  while (performance.now() < deadlineMs && followers.some((one) => one.heard().ids.at(-1) !== last))
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const follower of followers) follower.close();
  const expected = Array.from({ length: last - first }, (_, n) => first + 1 + n).join();
  const all = followers.map((follower) => follower.heard());
  return {
    events: last - first,
    cuts: all.reduce((sum, { cuts }) => sum + cuts, 0),
    wrong: all.flatMap(({ ids }, n) => (ids.join() === expected ? [] : [n])),
    seconds: (performance.now() - beganMs) / 1000,
  };
}
