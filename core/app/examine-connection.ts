import { lookup } from 'node:dns/promises';
import { BlockList } from 'node:net';
import { type CatalogueFacts, openCatalogue } from '../adapters/catalogue/index.ts';
import { openBucket } from '../adapters/storage/index.ts';
import { AstridError, type ErrorRecord, isAstridError, toErrorRecord } from '../utils/index.ts';

/** A bucket without its keys. */
export interface BucketPlace {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly region?: string | undefined;
}

/** What is given to connect. */
export interface ConnectionRequest {
  readonly catalogueUrl: string;
  readonly projectId: string;
  readonly authority?: string | undefined;
  readonly bucket?:
    | (BucketPlace & { readonly accessKeyId: string; readonly secretAccessKey: string })
    | undefined;
  readonly bytesPerSecond?: number | undefined;
}

/** One thing that a connection needs, and whether it is there. */
export interface ConnectionStep {
  readonly name: 'catalogue' | 'bucket';
  readonly state: 'ok' | 'failed';
  readonly message: string;
  readonly error?: ErrorRecord | undefined;
}

/** Try each thing that a connection needs, without keeping it. */
export async function examineConnection(request: ConnectionRequest): Promise<readonly ConnectionStep[]> {
  const steps: ConnectionStep[] = [
    await tryStep('catalogue', async () => {
      await refuseOddHost(request.catalogueUrl);
      const catalogue = openCatalogue(
        { url: request.catalogueUrl, authority: request.authority },
        request.projectId,
      );
      try {
        return describeFacts(await catalogue.examine());
      } finally {
        await catalogue.close();
      }
    }),
  ];
  const { bucket } = request;
  if (bucket !== undefined)
    steps.push(
      await tryStep('bucket', async () => {
        await refuseOddHost(bucket.endpoint);
        const store = openBucket(bucket);
        try {
          await store.examine();
          return `${new URL(bucket.endpoint).host}/${bucket.bucket} can be read and written`;
        } finally {
          store.close();
        }
      }),
    );
  return steps;
}

/** Addresses that only the machine itself can reach, where clouds tell secrets to whoever asks, and those that are none. */
const ODD = new BlockList();
ODD.addSubnet('169.254.0.0', 16);
ODD.addSubnet('fe80::', 10, 'ipv6');
ODD.addAddress('0.0.0.0');
ODD.addAddress('::', 'ipv6');

/** Refuse to call an address that no database or bucket of anybody has. @throws sync/bad-address */
export async function refuseOddHost(url: string): Promise<void> {
  const host = URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
  if (host === '') return;
  // A name that is not known is the driver's to explain.
  const found = await lookup(host, { all: true }).catch(() => []);
  if (!found.some(({ address, family }) => ODD.check(address, family === 6 ? 'ipv6' : 'ipv4'))) return;
  throw new AstridError(
    'sync/bad-address',
    `${host} is an address that belongs to this machine or to its cloud; give that of a database or of a bucket.`,
    { host },
  );
}

async function tryStep(name: ConnectionStep['name'], work: () => Promise<string>): Promise<ConnectionStep> {
  try {
    return { name, state: 'ok', message: await work() };
  } catch (error) {
    // What a driver makes of an address or a key that it cannot use is for whoever gave them.
    const told = isAstridError(error)
      ? error
      : new AstridError('sync/bad-address', `This cannot be used to connect: ${String(error)}.`);
    return { name, state: 'failed', message: told.message, error: toErrorRecord(told) };
  }
}

function describeFacts({ where, project, login, role, clockAheadMs }: CatalogueFacts): string {
  const minutes = Math.round(Math.abs(clockAheadMs) / 60_000);
  const clock =
    minutes < 1 ? '' : `; this machine's clock is ${minutes} min ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
  return `${login} is ${role} of “${project.name}” on ${where}${clock}`;
}
