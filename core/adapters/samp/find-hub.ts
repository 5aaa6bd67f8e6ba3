import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AstridError } from '../../utils/errors.ts';

/** How to speak to a hub, from its lock file. */
export interface HubAddress {
  readonly url: string;
  readonly secret: string;
}

/** A lock file is a dozen lines. */
const MOST_BYTES = 65_536;

/**
 * Find the hub of this user by the lock file of SAMP's standard profile: where `SAMP_HUB` says, else `~/.samp`.
 *
 * @returns `undefined` where no hub runs.
 * @throws api/samp-malformed, api/samp-not-local
 * @see SAMP 1.3, 4.3 (Lockfile) and 4.4 (Hub discovery)
 */
export async function findHub(
  home: string,
  environment: string | undefined,
): Promise<HubAddress | undefined> {
  const text = await readLockFile(home, environment);
  return text === undefined ? undefined : parseLockFile(text);
}

/** Read what a lock file says. @throws api/samp-malformed, api/samp-not-local */
export function parseLockFile(text: string): HubAddress {
  const facts = new Map<string, string>();
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const at = line.indexOf('=');
    if (at > 0) facts.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const url = facts.get('samp.hub.xmlrpc.url');
  const secret = facts.get('samp.secret');
  if (url === undefined || secret === undefined)
    throw new AstridError(
      'api/samp-malformed',
      'The lock file of the SAMP hub has no address or no secret.',
      {},
    );
  if (!isLocal(url))
    throw new AstridError(
      'api/samp-not-local',
      `The SAMP hub is at ${url}, which is not on this machine: AstrID speaks to hubs on this machine only.`,
      { url },
    );
  return { url, secret };
}

/** Tell whether an address is on this machine. */
export function isLocal(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(hostname);
}

async function readLockFile(home: string, environment: string | undefined): Promise<string | undefined> {
  const prefix = 'std-lockurl:';
  if (environment === undefined || environment === '') return readText(join(home, '.samp'));
  if (!environment.startsWith(prefix)) return undefined;
  const url = environment.slice(prefix.length);
  if (URL.canParse(url) && new URL(url).protocol === 'file:') return readText(fileURLToPath(url));
  if (!isLocal(url))
    throw new AstridError(
      'api/samp-not-local',
      `SAMP_HUB points to ${url}, which is not on this machine: AstrID speaks to hubs on this machine only.`,
      { url },
    );
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3000), redirect: 'error' });
    return answer.ok ? (await answer.text()).slice(0, MOST_BYTES) : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path)).subarray(0, MOST_BYTES).toString('utf8');
  } catch {
    return undefined;
  }
}
