import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Services } from '../ports.ts';

const os = implement(contract.sync);

/** Answer what is asked of sharing. */
export function answerSync({ holdings }: Services) {
  return {
    getSyncState: os.getSyncState.handler(async () => {
      const { labelEvents, ...counts } = await holdings.count();
      return { ...counts, labelEvents: [...labelEvents], isConnected: false as const };
    }),
  };
}
