import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  parseCall,
  parseResponse,
  type SampMap,
  type SampValue,
  writeCall,
  writeFault,
  writeResponse,
} from '../../core/adapters/samp/xml-rpc.ts';

interface Client {
  readonly id: string;
  readonly key: string;
  callback: string | undefined;
  metadata: SampMap;
  subscriptions: SampMap;
}

/** A stand-in for a SAMP hub, which is no program of the field: enough of one to speak to. */
export interface StandInHub {
  /** Where its lock file `.samp` lies. */
  readonly home: string;
  readonly url: string;
  readonly secret: string;
  /** Messages that others were sent, in order. */
  readonly passed: readonly { readonly to: string; readonly message: SampMap }[];
  /** Replies to calls by their id. */
  readonly replies: ReadonlyMap<string, SampMap>;
  /** Register a program that listens to these and only remembers. @returns its id */
  addPeer(name: string, mtypes: readonly string[]): string;
  /** Names of those who are registered. */
  names(): readonly string[];
  /** Notify every client that has a callback, as if a peer had sent it. */
  send(fromId: string, message: SampMap): Promise<void>;
  /** Call every client that has a callback. @returns what they answered at once */
  call(fromId: string, callId: string, message: SampMap): Promise<void>;
  /** Send raw text to a client's callback. @returns what came back */
  sendRaw(text: string): Promise<string>;
  /** Let a program go without a word to it, as a hub does that was started again. */
  forget(name: string): void;
  /** Say good-bye to whoever joins next, before it is let in. */
  endWhileJoined(): void;
  close(): Promise<void>;
}

/** Start one with its lock file in a folder. */
export async function startStandInHub(home: string): Promise<StandInHub> {
  const secret = randomBytes(8).toString('hex');
  const clients = new Map<string, Client>();
  const passed: { to: string; message: SampMap }[] = [];
  const replies = new Map<string, SampMap>();
  const hub: Client = { id: 'hub', key: 'hub-key', callback: undefined, metadata: {}, subscriptions: {} };
  let count = 0;
  let isEnding = false;
  const add = (): Client => {
    const client: Client = {
      id: `c${++count}`,
      key: randomBytes(8).toString('hex'),
      callback: undefined,
      metadata: {},
      subscriptions: {},
    };
    clients.set(client.id, client);
    return client;
  };
  const byKey = (key: SampValue | undefined): Client => {
    const client = [...clients.values()].find((one) => one.key === key);
    if (client === undefined) throw new Error('no such key');
    return client;
  };
  const deliver = async (client: Client, method: string, ...params: SampValue[]): Promise<void> => {
    if (client.callback === undefined) return;
    const answer = await fetch(client.callback, {
      method: 'POST',
      body: writeCall({ method: `samp.client.${method}`, params: [client.key, ...params] }),
    });
    parseResponse(await answer.text());
  };

  const answer = async (method: string, params: readonly SampValue[]): Promise<SampValue> => {
    const [first, second, third] = params as [SampValue, SampValue, SampValue];
    if (method === 'samp.hub.register') {
      if (first !== secret) throw new Error('wrong secret');
      const client = add();
      return { 'samp.hub-id': hub.id, 'samp.self-id': client.id, 'samp.private-key': client.key };
    }
    const self = byKey(first);
    switch (method) {
      case 'samp.hub.unregister':
        clients.delete(self.id);
        return '';
      case 'samp.hub.setXmlrpcCallback':
        self.callback = String(second);
        return '';
      case 'samp.hub.declareMetadata':
        self.metadata = second as SampMap;
        return '';
      case 'samp.hub.declareSubscriptions':
        self.subscriptions = second as SampMap;
        if (isEnding)
          await deliver(self, 'receiveNotification', hub.id, {
            'samp.mtype': 'samp.hub.event.shutdown',
            'samp.params': {},
          });
        return '';
      case 'samp.hub.getRegisteredClients':
        return [hub.id, ...[...clients.keys()].filter((id) => id !== self.id)];
      case 'samp.hub.getMetadata':
        return clients.get(String(second))?.metadata ?? { 'samp.name': 'Stand-in hub' };
      case 'samp.hub.getSubscriptions':
        return clients.get(String(second))?.subscriptions ?? {};
      case 'samp.hub.notify':
        if (!clients.has(String(second))) throw new Error(`there is no ${String(second)}`);
        passed.push({ to: String(second), message: third as SampMap });
        return '';
      case 'samp.hub.notifyAll': {
        const message = second as SampMap;
        const told = [...clients.values()].filter(
          (one) => one !== self && String(message['samp.mtype']) in one.subscriptions,
        );
        for (const { id } of told) passed.push({ to: id, message });
        return told.map(({ id }) => id);
      }
      case 'samp.hub.reply':
        replies.set(String(second), third as SampMap);
        return '';
      default:
        throw new Error(`no ${method}`);
    }
  };

  const server = createServer((request, response) => {
    void (async () => {
      let text = '';
      for await (const piece of request) text += String(piece);
      let body: string;
      try {
        const { method, params } = parseCall(text);
        body = writeResponse(await answer(method, params));
      } catch (error) {
        body = writeFault((error as Error).message);
      }
      response.setHeader('content-type', 'text/xml');
      response.end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  writeFileSync(
    join(home, '.samp'),
    `# A stand-in\nsamp.secret=${secret}\nsamp.hub.xmlrpc.url=${url}\nsamp.profile.version=1.3\n`,
  );
  const called = (): Client[] => [...clients.values()].filter(({ callback }) => callback !== undefined);
  return {
    home,
    url,
    secret,
    passed,
    replies,
    addPeer: (name, mtypes) => {
      const peer = add();
      peer.metadata = { 'samp.name': name };
      peer.subscriptions = Object.fromEntries(mtypes.map((mtype) => [mtype, {}]));
      return peer.id;
    },
    names: () => [...clients.values()].map(({ metadata }) => String(metadata['samp.name'])),
    send: async (fromId, message) => {
      for (const client of called()) await deliver(client, 'receiveNotification', fromId, message);
    },
    call: async (fromId, callId, message) => {
      for (const client of called()) await deliver(client, 'receiveCall', fromId, callId, message);
    },
    forget: (name) => {
      for (const [id, { metadata }] of clients) if (metadata['samp.name'] === name) clients.delete(id);
    },
    endWhileJoined: () => {
      isEnding = true;
    },
    sendRaw: async (text) => (await fetch(called()[0]!.callback!, { method: 'POST', body: text })).text(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
