import { AstridError, readAll } from '../utils/index.ts';
import { type Console, count, formatTable } from './console.ts';
import type { SyncOptions } from './sync.ts';
import { withApp } from './with-app.ts';

/** Run `astrid sync conflicts`. */
export async function runSyncConflicts(options: SyncOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const conflicts = await readAll((cursor) => sync.changes.listConflicts({ cursor, limit: 1000 }));
    if (options.json) {
      out.print(JSON.stringify({ version: 1, conflicts }));
      return;
    }
    if (conflicts.length === 0) out.print('no conflicts');
    for (const { entity, key, field, current, losers } of conflicts) {
      out.print(`${entity} ${key}, ${field}:`);
      for (const [mark, { id, value, author }] of [
        ['now', current] as const,
        ...losers.map((one) => ['lost', one] as const),
      ])
        out.print(`  ${mark.padEnd(4)}  ${JSON.stringify(value)}  by ${author ?? 'this workstation'}  ${id}`);
      out.print(`  settle with: astrid sync resolve ${entity} ${key} ${field} ID`);
    }
  });
}

/** Run `astrid sync resolve`. @throws sync/conflict-not-found */
export async function runSyncResolve(
  name: readonly [string, string, string, string],
  options: SyncOptions,
  out: Console,
): Promise<void> {
  const [entity, key, field, versionId] = name;
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const conflicts = await readAll((cursor) => sync.changes.listConflicts({ cursor, limit: 1000 }));
    const known = conflicts.find(
      (conflict) => conflict.entity === entity && conflict.key === key && conflict.field === field,
    );
    if (known === undefined)
      throw new AstridError('sync/conflict-not-found', `There is no conflict on ${entity} ${key} ${field}.`);
    await sync.changes.resolve(known, versionId);
    out.print('settled; the others are told with the next sync');
  });
}

/** Run `astrid sync refused`: what the catalogue would not take, and why; `--retry` sends it again. */
export async function runSyncRefused(
  options: SyncOptions & { readonly retry?: boolean },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    if (options.retry) {
      out.print(`${count(await sync.changes.retryRefused(), 'change')} go again with the next sync`);
      return;
    }
    const refused = await readAll((cursor) => sync.changes.listRefused({ cursor, limit: 1000 }));
    if (options.json) out.print(JSON.stringify({ version: 1, refused }));
    else if (refused.length === 0) out.print('nothing was refused');
    else
      out.print(
        formatTable(
          ['what', 'which', 'code', 'why'],
          refused.map(({ entity, key, code, reason }) => [entity, key, code, reason]),
        ),
      );
  });
}
