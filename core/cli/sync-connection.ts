import type { ConnectionRequest } from '../app/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, formatTable } from './console.ts';
import { readAddress, readAuthority } from './read-address.ts';
import type { SyncOptions } from './sync.ts';
import { withApp } from './with-app.ts';

/** Run `astrid sync connect`. @throws what the first step that fails says */
export async function runSyncConnect(
  options: SyncOptions & {
    readonly catalogue?: string;
    readonly project?: string;
    readonly authority?: string;
    readonly endpoint?: string;
    readonly bucket?: string;
    readonly prefix?: string;
    readonly region?: string;
    readonly accessKeyId?: string;
    readonly limit?: string;
  },
  out: Console,
): Promise<void> {
  const catalogueUrl = await readAddress(options.catalogue);
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const authority = await readAuthority(options.authority);
    const request: ConnectionRequest = {
      catalogueUrl,
      projectId: options.project ?? chooseOnly(await sync.listProjects({ catalogueUrl, authority })),
      authority,
      bucket: readBucket(options),
      bytesPerSecond: options.limit === undefined ? undefined : Number(options.limit) * 1024,
    };
    for (const { name, state, message } of await sync.examine(request))
      out.say(`${state === 'ok' ? 'ok    ' : 'failed'}  ${name}: ${message}`);
    const { where } = await sync.connect(request);
    out.print(`connected to ${where}`);
  });
}

/** Run `astrid sync projects`. @throws what keeps the catalogue from answering */
export async function runSyncProjects(
  options: SyncOptions & { readonly catalogue?: string; readonly authority?: string },
  out: Console,
): Promise<void> {
  const catalogueUrl = await readAddress(options.catalogue);
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const authority = await readAuthority(options.authority);
    const projects = await sync.listProjects({ catalogueUrl, authority });
    if (options.json) out.print(JSON.stringify({ version: 1, projects }));
    else if (projects.length === 0) out.print('this login is a member of no project');
    else
      out.print(
        formatTable(
          ['project', 'you are', 'id'],
          projects.map(({ name, role, id }) => [name, role, id]),
        ),
      );
  });
}

/** The project that is meant where none is named. @throws sync/not-a-member, sync/which-project */
function chooseOnly(projects: readonly { readonly id: string; readonly name: string }[]): string {
  const [only, ...others] = projects;
  if (only === undefined)
    throw new AstridError('sync/not-a-member', 'This login is a member of no project; ask an admin of one.');
  if (others.length > 0)
    throw new AstridError(
      'sync/which-project',
      `This login is a member of ${projects.map(({ name }) => `“${name}”`).join(', ')}; choose one with --project (“astrid sync projects” lists their ids).`,
    );
  return only.id;
}

/** Run `astrid sync disconnect`. */
export async function runSyncDisconnect(options: SyncOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    await sync.disconnect();
    out.print('disconnected; the workspace keeps all it has, and its password and keys are forgotten');
  });
}

function readBucket(options: {
  readonly endpoint?: string;
  readonly bucket?: string;
  readonly prefix?: string;
  readonly region?: string;
  readonly accessKeyId?: string;
}): ConnectionRequest['bucket'] {
  const { endpoint, bucket, prefix, region } = options;
  if (endpoint === undefined && bucket === undefined) return undefined;
  const accessKeyId = options.accessKeyId ?? process.env.ASTRID_BUCKET_ACCESS_KEY_ID;
  const secretAccessKey = process.env.ASTRID_BUCKET_SECRET_ACCESS_KEY;
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey)
    throw new AstridError(
      'sync/bad-address',
      'A bucket needs --endpoint, --bucket, an access key (--access-key-id or ASTRID_BUCKET_ACCESS_KEY_ID) and its secret in ASTRID_BUCKET_SECRET_ACCESS_KEY.',
    );
  return { endpoint, bucket, prefix, region, accessKeyId, secretAccessKey };
}
