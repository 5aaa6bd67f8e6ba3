import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkspaceDatabase } from '../adapters/db/index.ts';
import {
  findHub,
  type HubConnection,
  isLocal,
  joinHub,
  type ReceivedMessage,
  type SampMessage,
  type SampPeer,
  wants,
} from '../adapters/samp/index.ts';
import type { SampNews, SampState, SampTable } from '../api/contract/index.ts';
import type { SampDesk } from '../api/ports.ts';
import type { BlobReader } from '../pipeline/index.ts';
import { AstridError, isAstridError, makeUuidV7 } from '../utils/index.ts';
import { makeCandidateTable, makePlaneFits } from './offer-run.ts';
import { MOST_TABLE_BYTES, readSkyTable } from './read-sky-table.ts';

/** What the desk works with. */
export interface SampParts {
  readonly database: Pick<WorkspaceDatabase, 'settings' | 'runs' | 'planes' | 'detections'>;
  readonly blobs: BlobReader;
  /** Where files that come over HTTP are kept while the program runs. */
  readonly inboxDir: string;
  readonly version: string;
  /** Whether a hub is joined as soon as the program runs, where SAMP is on. */
  readonly joinsAtOnce: boolean;
  /** Where `.samp` is looked for; the user's home when absent. */
  readonly home?: string | undefined;
  /** The value of SAMP_HUB. */
  readonly environment?: string | undefined;
}

/** Messages that we listen to. */
const LISTENS = [
  'samp.app.ping',
  'image.load.fits',
  'table.load.votable',
  'table.load.fits',
  'table.highlight.row',
  'table.select.rowList',
  'coord.pointAt.sky',
];

const TAKES_IMAGES = ['image.load.fits'];
const TAKES_TABLES = ['table.load.votable'];
const TAKES_PLACES = ['coord.pointAt.sky'];

/** The name under which the workspace keeps whether SAMP is on. */
const SETTING = 'samp';

const ENDED = { link: 'no-hub', message: 'The SAMP hub has ended.' } as const;

/** Pause between two looks for a hub, ms. */
const LOOK_MS = 10_000;

/** Tables that were received and are kept. */
const MOST_TABLES = 16;

/**
 * Make the desk that speaks with other programs on this machine by SAMP's standard profile.
 *
 * Off until a person switches it on. While it is on and there is no hub, it looks for one now and then.
 *
 * @see https://www.ivoa.net/documents/SAMP/20120411/ and the MTypes of the IVOA's SampMTypes page
 */
export function createSampDesk(parts: SampParts): SampDesk & { close(): Promise<void> } {
  const listeners = new Set<(news: SampNews) => void>();
  const tables = new Map<string, SampTable>();
  /** Candidates of tables that we sent, row by row. */
  const sent = new Map<string, readonly string[]>();
  let isOn: Promise<boolean> | undefined;
  let connection: HubConnection | undefined;
  let joining: Promise<void> | undefined;
  let problem: { link: 'no-hub' | 'failed'; message: string } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const tell = (news: SampNews): void => {
    for (const listener of listeners) listener(news);
  };
  const wanted = (): Promise<boolean> => {
    isOn ??= parts.database.settings.get(SETTING).then((stored) => isStoredOn(stored));
    return isOn;
  };

  const receive = async (message: ReceivedMessage): Promise<void> => {
    try {
      await take(message);
    } catch (error) {
      if (!isAstridError(error)) throw error;
      // The person sees why nothing happened, and the sender is told too.
      tell({ kind: 'refused', from: message.senderName, message: error.message });
      throw error;
    }
  };
  const take = async ({ mtype, params, senderName: from }: ReceivedMessage): Promise<void> => {
    switch (mtype) {
      case 'samp.app.ping':
        return;
      case 'image.load.fits': {
        const path = await bringHere(textOf(params.url, 'url'), parts.inboxDir);
        tell({ kind: 'image', from, path, name: optionalText(params.name) ?? basename(path) });
        return;
      }
      case 'table.load.votable':
      case 'table.load.fits': {
        const url = textOf(params.url, 'url');
        const path = await bringHere(url, parts.inboxDir);
        const places = await readSkyTable(path, mtype === 'table.load.fits' ? 'fits' : 'votable');
        const id = optionalText(params['table-id']) ?? url;
        const name = optionalText(params.name) ?? basename(path);
        tables.delete(id);
        tables.set(id, { id, name, from, raDeg: listOf(places.raDeg), decDeg: listOf(places.decDeg) });
        if (tables.size > MOST_TABLES) tables.delete(tables.keys().next().value!);
        tell({ kind: 'table', from, id, name, rowCount: places.raDeg.length });
        return;
      }
      case 'table.highlight.row':
      case 'table.select.rowList': {
        const tableId = optionalText(params['table-id']) ?? textOf(params.url, 'table-id or url');
        const list = mtype === 'table.highlight.row' ? [params.row] : params['row-list'];
        if (!Array.isArray(list)) throw badParameter('row-list');
        const rows = list.map((row: unknown) => {
          if (typeof row !== 'string' || !/^\d{1,9}$/.test(row)) throw badParameter('row');
          return Number(row);
        });
        const ids = sent.get(tableId);
        tell({
          kind: 'rows',
          from,
          tableId,
          rows,
          candidateIds: ids && rows.flatMap((row) => ids[row] ?? []),
        });
        return;
      }
      case 'coord.pointAt.sky': {
        const [raDeg, decDeg] = [Number(textOf(params.ra, 'ra')), Number(textOf(params.dec, 'dec'))];
        if (!Number.isFinite(raDeg) || !(Math.abs(decDeg) <= 90)) throw badParameter('ra or dec');
        tell({
          kind: 'point',
          from,
          raDeg: raDeg >= 0 && raDeg < 360 ? raDeg : ((raDeg % 360) + 360) % 360,
          decDeg,
        });
      }
    }
  };

  const lookAgain = (): void => {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void connect(), LOOK_MS);
    timer.unref();
  };
  /** Give up a place at a hub that has ended, and look for another. */
  const leave = (gone: HubConnection): void => {
    if (connection !== gone) return;
    connection = undefined;
    problem = ENDED;
    void gone.close();
    tell({ kind: 'peers' });
    lookAgain();
  };
  /** Leave a hub if it says nothing any more, or knows us no more: one that is killed tells nobody. @returns whether it is left */
  const leaveIfGone = async (hub: HubConnection): Promise<boolean> => {
    try {
      await hub.peers();
      return false;
    } catch (error) {
      if (!isAstridError(error)) throw error;
      leave(hub);
      return true;
    }
  };
  const join = async (): Promise<void> => {
    if (connection !== undefined || isClosed || !(await wanted())) return;
    try {
      const hub = await findHub(parts.home ?? homedir(), parts.environment);
      if (hub === undefined) {
        problem = {
          link: 'no-hub',
          message: 'No SAMP hub runs here: start TOPCAT, Aladin or DS9, which bring one.',
        };
      } else {
        const metadata = {
          'samp.name': 'AstrID',
          'samp.description.text': 'Observatory workstation that finds what changed in the sky',
          'astrid.version': parts.version,
        };
        let hasEnded = false;
        let joined: HubConnection | undefined;
        joined = await joinHub(hub, metadata, LISTENS, {
          receive,
          end: () => {
            // It may end before it has let us in.
            hasEnded = true;
            if (joined !== undefined) leave(joined);
          },
          change: () => tell({ kind: 'peers' }),
        });
        connection = joined;
        problem = undefined;
        if (hasEnded) leave(joined);
        else tell({ kind: 'peers' });
      }
    } catch (error) {
      if (!isAstridError(error)) throw error;
      problem = { link: 'failed', message: error.message };
    }
    if (connection === undefined) lookAgain();
  };
  const connect = (): Promise<void> => {
    joining ??= join().finally(() => {
      joining = undefined;
    });
    return joining;
  };
  const disconnect = async (): Promise<void> => {
    clearTimeout(timer);
    await joining;
    const open = connection;
    connection = undefined;
    problem = undefined;
    await open?.close();
  };
  const linked = async (): Promise<HubConnection> => {
    await connect();
    if (connection !== undefined) return connection;
    throw new AstridError(
      'api/samp-no-hub',
      problem?.message ?? 'SAMP is off: switch it on in Settings to send something.',
      {},
    );
  };
  const notify = async (
    hub: HubConnection,
    message: SampMessage,
    to: string | undefined,
  ): Promise<number> => {
    try {
      return await hub.notify(message, to);
    } catch (error) {
      // It may also be the other who has left. Nothing is sent again: at another hub the same name is somebody else.
      await leaveIfGone(hub);
      throw error;
    }
  };
  const listPeers = async (): Promise<readonly SampPeer[] | undefined> => {
    await connect();
    const hub = connection;
    try {
      return await hub?.peers();
    } catch (error) {
      if (!isAstridError(error)) throw error;
    }
    // Somebody may have left while they were asked for; a hub that refuses twice is gone, and another may be there.
    if (await leaveIfGone(hub!)) await connect();
    return connection?.peers().catch(() => []);
  };
  const state = async (): Promise<SampState> => {
    if (!(await wanted())) return { isOn: false, link: 'off', peers: [] };
    const found = await listPeers();
    if (found === undefined)
      return { isOn: true, link: problem?.link ?? 'no-hub', message: problem?.message, peers: [] };
    const peers = found.map(({ id, name, mtypes }) => ({
      id,
      name,
      takesImages: TAKES_IMAGES.some((mtype) => wants(mtypes, mtype)),
      takesTables: TAKES_TABLES.some((mtype) => wants(mtypes, mtype)),
      takesPlaces: TAKES_PLACES.some((mtype) => wants(mtypes, mtype)),
    }));
    return {
      isOn: true,
      link: 'connected',
      peers: peers.filter((peer) => peer.takesImages || peer.takesTables || peer.takesPlaces),
    };
  };

  // A hub that is not there must not keep the window waiting.
  if (parts.joinsAtOnce) void connect().catch(() => undefined);
  return {
    state,
    switch: async (to) => {
      await parts.database.settings.set(SETTING, { isOn: to });
      isOn = Promise.resolve(to);
      if (!to) await disconnect();
      tell({ kind: 'peers' });
      return state();
    },
    sendImage: async (runId, kind, to) => {
      const hub = await linked();
      const { name, make } = await makePlaneFits(parts, runId, kind);
      const url = hub.offer(`${name}.fits`, { contentType: 'application/fits', make });
      return notify(
        hub,
        { mtype: 'image.load.fits', params: { url, 'image-id': `astrid-${runId}-${kind}`, name } },
        to,
      );
    },
    sendCandidates: async (runId, seenBy, to) => {
      const hub = await linked();
      const { name, bytes, ids } = await makeCandidateTable(parts, runId, seenBy);
      const tableId = `astrid-candidates-${runId}`;
      sent.set(tableId, ids);
      const url = hub.offer(`${name}.vot`, {
        contentType: 'application/x-votable+xml',
        make: async () => bytes,
      });
      return notify(hub, { mtype: 'table.load.votable', params: { url, 'table-id': tableId, name } }, to);
    },
    pointAt: async ({ raDeg, decDeg }, to) => {
      const hub = await linked();
      const params = { ra: raDeg.toFixed(8), dec: decDeg.toFixed(8) };
      return notify(hub, { mtype: 'coord.pointAt.sky', params }, to);
    },
    table: async (id) => {
      const table = tables.get(id);
      if (table !== undefined) return table;
      throw new AstridError(
        'api/samp-table-not-found',
        `No table ${id} was received since the program started.`,
        {
          id,
        },
      );
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      isClosed = true;
      listeners.clear();
      await disconnect();
      await rm(parts.inboxDir, { recursive: true, force: true });
    },
  };
}

/** Find a file on this machine, or fetch it from another program on this machine. @throws api/samp-not-local, api/samp-unreadable */
async function bringHere(url: string, inboxDir: string): Promise<string> {
  if (URL.canParse(url) && new URL(url).protocol === 'file:') {
    const { hostname } = new URL(url);
    if (hostname === '' || hostname === 'localhost') return fileURLToPath(url.replace('//localhost/', '///'));
  }
  if (!isLocal(url))
    throw new AstridError(
      'api/samp-not-local',
      `${url} is not on this machine: AstrID takes files of this machine only.`,
      { url },
    );
  let bytes: Uint8Array;
  try {
    const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(60_000) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    if (Number(answer.headers.get('content-length') ?? 0) > MOST_TABLE_BYTES)
      throw new Error('it is larger than 256 MB');
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new AstridError('api/samp-unreadable', `${url} cannot be fetched: ${(error as Error).message}.`, {
      url,
    });
  }
  await mkdir(inboxDir, { recursive: true });
  const name =
    basename(new URL(url).pathname)
      .replace(/[^\w.-]/g, '_')
      .slice(-80) || 'file';
  const path = join(
    inboxDir,
    `${makeUuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10)))}-${name}`,
  );
  await writeFile(path, bytes);
  return path;
}

function isStoredOn(stored: unknown): boolean {
  return typeof stored === 'object' && stored !== null && 'isOn' in stored && stored.isOn === true;
}

/** JSON has no NaN. */
function listOf(values: Float64Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : null));
}

/** @throws api/samp-malformed */
function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badParameter(name);
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function badParameter(name: string): AstridError {
  return new AstridError('api/samp-malformed', `The message has no ${name} that can be read.`, { name });
}
