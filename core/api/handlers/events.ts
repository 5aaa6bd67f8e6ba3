import type { EventRecord, Progress } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import type { SampNews } from '../contract/index.ts';
import type { Services } from '../ports.ts';
import { streamBody } from '../respond.ts';

/** Silence after which a comment tells proxies and clients that the line is up, ms. */
export const HEARTBEAT_MS = 15_000;

/** Pause before a client that lost the line asks again, ms. */
const RETRY_MS = 2000;

const EVENTS_AT_ONCE = 500;

/** Answers kept for those who ask the same: clients that are up to date all do. */
const MOST_KEPT = 16;

/** Events after an id as they are sent, and the id of the last of them. */
type TailReader = (query: {
  readonly afterId: number;
  readonly runId: string | undefined;
}) => Promise<{ readonly text: string; readonly lastId: number }>;

/** Make what reads the log once for all clients that stand at the same place, until something new is in it. */
export function createTailReader({ events, closing }: Pick<Services, 'events' | 'closing'>): TailReader {
  const kept = new Map<string, ReturnType<TailReader>>();
  const stop = events.subscribe(() => kept.clear());
  closing.addEventListener('abort', stop, { once: true });
  return ({ afterId, runId }) => {
    const name = `${afterId} ${runId ?? ''}`;
    const known = kept.get(name);
    if (known !== undefined) return known;
    if (kept.size >= MOST_KEPT) kept.clear();
    const read = events.read({ afterId, limit: EVENTS_AT_ONCE, runId }).then((found) => ({
      text: found.map(writeEvent).join(''),
      lastId: found.at(-1)?.id ?? afterId,
    }));
    kept.set(name, read);
    // A failure is not for whoever asks next.
    read.catch(() => kept.delete(name));
    return read;
  };
}

/** Messages of other programs that wait for a client. */
const MOST_SENT = 100;

/**
 * Answer with the event log as server-sent events.
 *
 * Starts after `Last-Event-ID`, else after `?after=`, else with what happens from now on; `?runId=` keeps to one
 * run. Rows of the log bear their id and are never missed or repeated; progress (`event: progress`) bears none,
 * and only the newest of each run is sent; so does what other programs send (`event: samp`).
 *
 * @throws api/bad-event-id
 */
export async function openEventStream(
  services: Services,
  readTail: TailReader,
  request: Request,
  heartbeatMs: number = HEARTBEAT_MS,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  // A browser that reconnects asks the same address again: the header is newer.
  const asked = request.headers.get('last-event-id') ?? searchParams.get('after');
  const afterId = asked === null || asked === '' ? await services.events.lastId() : parseEventId(asked);
  const runId = searchParams.get('runId') ?? undefined;
  const leave = new AbortController();
  const signal = AbortSignal.any([leave.signal, services.closing, request.signal]);
  const frames = writeFrames(services, readTail, { afterId, runId, signal, heartbeatMs });
  const stream = streamBody({
    next: () => frames.next(),
    return: async () => {
      // The iterator may be waiting for news: only the signal wakes it.
      leave.abort();
      return frames.return(undefined);
    },
  });
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
  });
}

function parseEventId(text: string): number {
  const id = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(id)) return id;
  throw new AstridError('api/bad-event-id', `"${text}" is no event's id; ids are whole numbers from 0.`, {
    id: text,
  });
}

async function* writeFrames(
  services: Services,
  readTail: TailReader,
  {
    afterId,
    runId,
    signal,
    heartbeatMs,
  }: {
    readonly afterId: number;
    readonly runId: string | undefined;
    readonly signal: AbortSignal;
    readonly heartbeatMs: number;
  },
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  const bell = createBell(signal);
  const progress = new Map<string, Progress>();
  const sent: SampNews[] = [];
  const unsubscribe = [
    // A commit is news of what somebody waits to be told: their answer goes first.
    services.events.subscribe(() => setImmediate(bell.ring)),
    services.progress.subscribe((news) => {
      if (runId !== undefined && news.runId !== runId) return;
      progress.set(news.runId, news);
      bell.ring();
    }),
    services.samp.subscribe((news) => {
      // A client that reads slowly gets the newest of a flood.
      if (sent.push(news) > MOST_SENT) sent.shift();
      bell.ring();
    }),
  ];
  try {
    // The id without data gives a client that loses the line before the first event a place to go on from.
    yield encoder.encode(`retry: ${RETRY_MS}\nid: ${afterId}\n\n`);
    let at = afterId;
    while (!signal.aborted) {
      const { text, lastId } = await readTail({ afterId: at, runId });
      const frames = [
        ...(text === '' ? [] : [text]),
        ...[...progress.values()].map(writeProgress),
        ...sent.map(writeSent),
      ];
      progress.clear();
      sent.length = 0;
      at = lastId;
      if (frames.length > 0) yield encoder.encode(frames.join(''));
      else if (!(await bell.heard(heartbeatMs)) && !signal.aborted) yield encoder.encode(':\n\n');
    }
  } finally {
    for (const stop of unsubscribe) stop();
  }
}

function writeEvent(event: EventRecord): string {
  // Earlier versions kept verdicts here: the stream is read by people who have not judged the candidate.
  const { verdict, ...data } = event.data;
  return `id: ${event.id}\ndata: ${JSON.stringify({ ...event, data })}\n\n`;
}

function writeProgress(progress: Progress): string {
  return `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;
}

/** Something to wait on that remembers being rung while nobody waited. */
function createBell(signal: AbortSignal) {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  // One listener for all waits: a stream is open for months, and each of its events ends a wait.
  signal.addEventListener('abort', () => wake?.(), { once: true });
  return {
    ring,
    /** Wait until it rings, the signal aborts or the time is over. @returns whether it rang */
    heard: async (milliseconds: number): Promise<boolean> => {
      if (!isRung && !signal.aborted) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, milliseconds);
        });
        clearTimeout(timer);
        wake = undefined;
      }
      const rang = isRung;
      isRung = false;
      return rang;
    },
  };
}

function writeSent(news: SampNews): string {
  return `event: samp\ndata: ${JSON.stringify(news)}\n\n`;
}
