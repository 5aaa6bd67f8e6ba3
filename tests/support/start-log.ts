import type { WorkspaceDatabase } from '../../core/adapters/db/index.ts';
import type { PushAnswer, SharedChange } from '../../core/domains/sync/index.ts';

type Workspace = Pick<WorkspaceDatabase, 'changes'>;

/**
 * A catalogue of nothing but its log.
 *
 * @returns what has workspaces exchange with it, one after the other, as an author.
 */
export function startLog(): (author: string, ...workspaces: readonly Workspace[]) => Promise<void> {
  const log: SharedChange[] = [];
  return async (author, ...workspaces) => {
    for (const { changes } of workspaces) {
      const outgoing = await changes.listOutgoing(100);
      const stored = outgoing.map((change, n) => ({ ...change, seq: log.length + 1 + n, author }));
      log.push(...stored);
      await changes.settle(
        stored.map(({ id, seq, clock }): PushAnswer => ({ id, status: 'stored', seq, clock, author })),
      );
      const cursor = await changes.cursor();
      await changes.receive(cursor, log.slice(cursor));
    }
  };
}
