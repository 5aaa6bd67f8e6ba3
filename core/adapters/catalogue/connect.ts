import pg from 'pg';
import { AstridError } from '../../utils/errors.ts';

/** How a shared catalogue is reached. */
export interface CatalogueAddress {
  /** `postgresql://login:password@host:port/database`, direct or through a pooler of either mode. */
  readonly url: string;
  /** PEM of the authority that signed the server's certificate, where it is none of the known ones. */
  readonly authority?: string | undefined;
}

/** Name the server as people know it: without login, password or options. */
export function nameServer({ url }: CatalogueAddress): string {
  const { hostname, port, pathname } = readUrl(url);
  return `${hostname}${port === '' ? '' : `:${port}`}${pathname}`;
}

/**
 * Make the few connections that a workstation needs.
 *
 * Statements have no names, nothing is kept in a session, no notification is listened to: the same works directly
 * and through poolers that give every transaction another session. A server that is not on this machine is spoken
 * to over TLS with its certificate and name verified, always.
 *
 * @throws sync/bad-address
 */
export function connectPool(address: CatalogueAddress): pg.Pool {
  const url = readUrl(address.url);
  const isHere = ['localhost', '127.0.0.1', '[::1]', ''].includes(url.hostname);
  const pool = new pg.Pool({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    // Options of the address are not heeded: `sslmode=require` in one would turn verification off.
    ssl:
      isHere && address.authority === undefined
        ? false
        : { rejectUnauthorized: true, ...(address.authority ? { ca: address.authority } : {}) },
    max: 2,
    connectionTimeoutMillis: 15_000,
    idleTimeoutMillis: 30_000,
    // Waited for here alone: a limit that the server is told of when it is greeted is one that PgBouncer refuses.
    query_timeout: 90_000,
    application_name: 'AstrID',
    keepAlive: true,
  });
  // An idle connection that the server ends is nobody's failure: the next question opens another.
  pool.on('error', () => undefined);
  return pool;
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['postgres:', 'postgresql:'].includes(url.protocol) ||
    url.username === '' ||
    url.pathname.length < 2
  )
    throw new AstridError(
      'sync/bad-address',
      'The address of a catalogue reads postgresql://LOGIN:PASSWORD@HOST:PORT/DATABASE; characters like @ or / in the password are written %40, %2F.',
    );
  return url;
}
