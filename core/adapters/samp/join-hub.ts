import { timingSafeEqual } from 'node:crypto';
import { AstridError, isAstridError } from '../../utils/errors.ts';
import { type Offer, openCallbackServer } from './callback-server.ts';
import type { HubAddress } from './find-hub.ts';
import { type SampListener, type SampMessage, type SampPeer, wants } from './model.ts';
import { isMap, parseResponse, type SampMap, type SampValue, writeCall, type XmlRpcCall } from './xml-rpc.ts';

/** A program's place at a hub. */
export interface HubConnection {
  /** Name of the hub's place. */
  readonly hubId: string;
  /** Everybody else who listens to something. */
  peers(): Promise<readonly SampPeer[]>;
  /** Tell one, or all who listen to it. @returns how many were told */
  notify(message: SampMessage, recipientId?: string): Promise<number>;
  /** Let others fetch bytes from us. @returns their address */
  offer(name: string, offer: Offer): string;
  /** Leave the hub. */
  close(): Promise<void>;
}

/** Longest wait for a hub on the same machine, ms. */
const TIMEOUT_MS = 5000;

/** What a hub tells of others. */
const HUB_EVENTS = ['samp.hub.event.*', 'samp.hub.disconnect'];

/**
 * Take a place at a hub: register, say who we are and what we listen to, and be called back.
 *
 * @throws api/samp-refused, api/samp-malformed, api/samp-no-hub
 * @see SAMP 1.3, 3.11 (operations) and 4 (standard profile)
 */
export async function joinHub(
  hub: HubAddress,
  metadata: SampMap,
  mtypes: readonly string[],
  listener: SampListener,
): Promise<HubConnection> {
  const call = async (method: string, ...params: SampValue[]): Promise<SampValue> =>
    callHub(hub.url, { method: `samp.hub.${method}`, params });
  const place = await call('register', hub.secret);
  const [privateKey, selfId, hubId] = ['samp.private-key', 'samp.self-id', 'samp.hub-id'].map((name) =>
    isMap(place) && typeof place[name] === 'string' ? place[name] : undefined,
  );
  if (privateKey === undefined || selfId === undefined || hubId === undefined)
    throw new AstridError('api/samp-malformed', 'The SAMP hub gave no place: its answer has no key.', {});
  const names = new Map<string, string>();
  const nameOf = async (id: string): Promise<string> => {
    const known = names.get(id);
    if (known !== undefined) return known;
    const told = await call('getMetadata', privateKey, id);
    const name = isMap(told) && typeof told['samp.name'] === 'string' ? told['samp.name'] : id;
    names.set(id, name);
    return name;
  };

  const take = async (senderId: string, message: SampMessage): Promise<void> => {
    if (wants(HUB_EVENTS, message.mtype)) {
      // Only the hub itself may say so.
      if (senderId !== hubId) return;
      if (message.mtype === 'samp.hub.event.shutdown' || message.mtype === 'samp.hub.disconnect')
        listener.end();
      else {
        names.delete(String(message.params.id ?? ''));
        listener.change();
      }
      return;
    }
    if (!wants(mtypes, message.mtype))
      throw new AstridError('api/samp-malformed', `AstrID does not listen to ${message.mtype}.`, {
        mtype: message.mtype,
      });
    await listener.receive({ ...message, senderId, senderName: await nameOf(senderId) });
  };

  const server = await openCallbackServer(async ({ method, params }) => {
    const [key, senderId, third, fourth] = params;
    if (typeof key !== 'string' || !isSame(key, privateKey) || typeof senderId !== 'string')
      throw new AstridError('api/samp-malformed', 'The call does not bear the key of this program.', {});
    switch (method) {
      case 'samp.client.receiveNotification':
        await take(senderId, toMessage(third));
        return '';
      case 'samp.client.receiveCall': {
        const message = toMessage(fourth);
        // The answer goes to the hub, not back through this call.
        void take(senderId, message)
          .then(
            () => ({ 'samp.status': 'samp.ok', 'samp.result': {} }),
            (error: unknown) => ({
              'samp.status': 'samp.error',
              'samp.result': {},
              'samp.error': {
                'samp.errortxt': isAstridError(error) ? error.message : 'AstrID made a mistake.',
              },
            }),
          )
          .then((reply) => call('reply', privateKey, String(third), reply))
          .catch(() => undefined);
        return '';
      }
      case 'samp.client.receiveResponse':
        return '';
      default:
        throw new AstridError('api/samp-malformed', `There is no ${method} here.`, { method });
    }
  });

  const close = async (): Promise<void> => {
    await call('unregister', privateKey).catch(() => undefined);
    await server.close();
  };
  try {
    await call('setXmlrpcCallback', privateKey, server.url);
    await call('declareMetadata', privateKey, metadata);
    const subscriptions = [...mtypes, ...HUB_EVENTS].map((mtype) => [mtype, {}] as const);
    await call('declareSubscriptions', privateKey, Object.fromEntries(subscriptions));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    hubId,
    peers: async () => {
      const ids = await call('getRegisteredClients', privateKey);
      const others = Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
      return Promise.all(
        others
          .filter((id) => id !== selfId && id !== hubId)
          .map(async (id) => {
            const listens = await call('getSubscriptions', privateKey, id);
            return { id, name: await nameOf(id), mtypes: isMap(listens) ? Object.keys(listens) : [] };
          }),
      );
    },
    notify: async ({ mtype, params }, recipientId) => {
      const message = { 'samp.mtype': mtype, 'samp.params': params };
      if (recipientId !== undefined) {
        await call('notify', privateKey, recipientId, message);
        return 1;
      }
      const told = await call('notifyAll', privateKey, message);
      return Array.isArray(told) ? told.length : 0;
    },
    offer: server.offer,
    close,
  };
}

async function callHub(url: string, call: XmlRpcCall): Promise<SampValue> {
  let text: string;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml' },
      body: writeCall(call),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    });
    text = await answer.text();
  } catch {
    throw new AstridError(
      'api/samp-no-hub',
      'The SAMP hub does not answer; start one (TOPCAT, Aladin and DS9 bring one) and switch SAMP on again.',
      { url },
    );
  }
  return parseResponse(text);
}

/** @throws api/samp-malformed */
function toMessage(value: SampValue | undefined): SampMessage {
  const mtype = isMap(value) ? value['samp.mtype'] : undefined;
  const params = isMap(value) ? (value['samp.params'] ?? {}) : undefined;
  if (typeof mtype !== 'string' || !isMap(params))
    throw new AstridError('api/samp-malformed', 'A SAMP message has no type or no parameters.', {});
  return { mtype, params };
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
