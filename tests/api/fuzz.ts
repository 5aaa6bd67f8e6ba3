import { Agent } from 'node:http';
import { createChecker } from './check-answer.ts';
import { makeRequest } from './make-request.ts';
import type { Making } from './make-value.ts';
import { type Answered, type Asked, listRoutes, type OpenApi, type Random, type Route } from './model.ts';
import { type Server, sendRequest } from './send-request.ts';

/** A request whose answer is not what was promised. */
export interface Fault {
  readonly number: number;
  readonly asked: Asked;
  readonly what: string;
}

/** What came of it. */
export interface FuzzReport {
  readonly requests: number;
  readonly routes: number;
  readonly byStatus: ReadonlyMap<number, number>;
  readonly faults: readonly Fault[];
  readonly slowest: { readonly milliseconds: number; readonly what: string };
}

export interface FuzzOptions {
  readonly requests: number;
  readonly random: Random;
  /** An answer that takes longer hangs, ms. */
  readonly withinMs: number;
  /** Texts that name things of the workspace, by parameter or property. */
  readonly known: Readonly<Record<string, readonly string[]>>;
  /** Routes that are left out, as `METHOD /path`. */
  readonly without?: readonly string[];
  readonly onFault?: (fault: Fault) => void;
  readonly onAnswer?: (number: number, asked: Asked, answer: Answered) => void;
}

/** Names in an address whose `id` is of another kind than others. */
const KINDS = ['runs', 'candidates', 'detections', 'objects', 'labels', 'reviews', 'curators'];

/** Answers kept to take names from: enough that what was made is asked for again. */
const MOST_NAMES = 400;

/**
 * Ask every route of a served workspace at random, and hold each answer against the document.
 *
 * The first round asks every route once as it should be asked.
 */
export async function fuzz(server: Server, options: FuzzOptions): Promise<FuzzReport> {
  const { random, requests, withinMs } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const document = await readDocument(server, withinMs);
  const check = createChecker(document);
  const routes = listRoutes(document).filter(
    ({ method, path }) => !(options.without ?? []).includes(`${method} ${path}`),
  );
  const names = new Map<string, string[]>(
    Object.entries(options.known).map(([name, texts]) => [name, [...texts]]),
  );
  const cursors: string[] = [];
  const byStatus = new Map<number, number>();
  const faults: Fault[] = [];
  let slowest = { milliseconds: 0, what: '' };

  for (let number = 0; number < requests; number++) {
    const route = routes[number < routes.length ? number : Math.floor(random() * routes.length)]!;
    const asked = makeRequest(route, makingOf(route, document, names, random), cursors);
    let what: string | undefined;
    try {
      const answer = await sendRequest(server, asked, {
        agent,
        withinMs,
      });
      byStatus.set(answer.status, (byStatus.get(answer.status) ?? 0) + 1);
      what = check(asked, answer);
      options.onAnswer?.(number, asked, answer);
      if (answer.milliseconds > slowest.milliseconds)
        slowest = {
          milliseconds: answer.milliseconds,
          what: `${asked.method} ${asked.target.slice(0, 120)}`,
        };
      if (answer.status < 300 && answer.body.length > 0) remember(route, answer, names, cursors);
    } catch (error) {
      what = String(error);
    }
    if (what === undefined) continue;
    const fault = { number, asked, what };
    faults.push(fault);
    options.onFault?.(fault);
  }
  agent.destroy();
  const live = await sendRequest(
    server,
    { method: 'GET', target: '/api/v1/health/ready', headers: {} },
    { withinMs },
  );
  if (live.status !== 200) throw new Error(`after it all the workspace is not ready: ${live.status}`);
  return { requests, routes: routes.length, byStatus, faults, slowest };
}

async function readDocument(server: Server, withinMs: number): Promise<OpenApi> {
  const asked = { method: 'GET', target: '/api/v1/openapi.json', headers: {} };
  const { body } = await sendRequest(server, asked, { withinMs });
  return JSON.parse(new TextDecoder().decode(body)) as OpenApi;
}

function makingOf(
  route: Route,
  { components }: OpenApi,
  names: ReadonlyMap<string, readonly string[]>,
  random: Random,
): Making {
  const kind = KINDS.find((word) => route.path.includes(`/${word}/{`));
  return {
    random,
    schemas: components.schemas,
    known: (name) => (name === 'id' ? names.get(`${kind}.id`) : undefined) ?? names.get(name) ?? [],
  };
}

/** Take names of things out of an answer, so that they are asked for. */
function remember(
  route: Route,
  { body, headers }: Answered,
  names: Map<string, string[]>,
  cursors: string[],
): void {
  if (!String(headers['content-type']).startsWith('application/json')) return;
  const kind = KINDS.find((word) => route.path.includes(`/${word}`)) ?? 'other';
  const keep = (name: string, text: string): void => {
    const texts = names.get(name) ?? [];
    names.set(name, texts);
    if (!texts.includes(text)) texts.push(text);
    if (texts.length > MOST_NAMES) texts.shift();
  };
  const walk = (value: unknown, name: string): void => {
    if (Array.isArray(value)) for (const item of value.slice(0, 20)) walk(item, name);
    else if (typeof value === 'object' && value !== null)
      for (const [key, part] of Object.entries(value)) walk(part, key);
    else if (typeof value !== 'string') return;
    else if (name === 'nextCursor') cursors.push(value);
    else if (name === 'id') keep(`${kind}.id`, value);
    else if (/Ids?$|^(sha256|tripletSha256|modelVersion|revision)$/.test(name)) keep(name, value);
  };
  walk(JSON.parse(new TextDecoder().decode(body)), '');
  cursors.splice(0, cursors.length - MOST_NAMES);
}
