import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AstridError, isAstridError } from '../../utils/errors.ts';
import { parseCall, type SampValue, writeFault, writeResponse, type XmlRpcCall } from './xml-rpc.ts';

/** Bytes that others may fetch while this program runs. */
export interface Offer {
  readonly contentType: string;
  make(): Promise<Uint8Array>;
}

/** Where the hub calls us, and where others fetch what we send them. */
export interface CallbackServer {
  readonly url: string;
  /** Make bytes fetchable. @returns their address, which cannot be guessed */
  offer(name: string, offer: Offer): string;
  close(): Promise<void>;
}

/** Messages are small: what is large is sent by its address. */
const MOST_BYTES = 1 << 20;

/** Offers that are kept: the oldest is forgotten first. */
const MOST_OFFERS = 32;

/**
 * Listen for the hub on this machine, at a port that the system chooses and a path that nobody can guess.
 *
 * @param answer what a call gives back; what it throws is told to the caller as a fault.
 */
export async function openCallbackServer(
  answer: (call: XmlRpcCall) => Promise<SampValue>,
): Promise<CallbackServer> {
  const path = `/${randomBytes(16).toString('hex')}`;
  const offers = new Map<string, Offer>();
  const server = createServer((request, response) => {
    void respond(request, response).catch(() => response.destroy());
  });
  server.requestTimeout = 10_000;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && pathname === path) return respondCall(request, response, answer);
    const offer = offers.get(pathname);
    if (offer === undefined || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    const bytes = await offer.make();
    response.writeHead(200, { 'content-type': offer.contentType, 'content-length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}${path}`,
    offer: (name, offer) => {
      const address = `/${randomBytes(16).toString('hex')}/${encodeURIComponent(name)}`;
      offers.set(address, offer);
      if (offers.size > MOST_OFFERS) offers.delete(offers.keys().next().value!);
      return `${origin}${address}`;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respondCall(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (call: XmlRpcCall) => Promise<SampValue>,
): Promise<void> {
  const send = (body: string): void => {
    response.writeHead(200, { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  try {
    send(writeResponse(await answer(parseCall(await readBody(request)))));
  } catch (error) {
    send(writeFault(isAstridError(error) ? error.message : 'AstrID made a mistake.'));
    if (!isAstridError(error)) throw error;
  }
}

/** @throws api/samp-malformed */
async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MOST_BYTES)
      throw new AstridError('api/samp-malformed', 'A SAMP message is longer than a megabyte.', { size });
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
