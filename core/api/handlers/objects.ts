import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.objects).$context<Asking>();

/** Answer what is asked of what sky objects are called. */
export function answerObjects({ objectNames }: Services) {
  return {
    listObjectNames: os.listObjectNames.handler(async ({ input: { limit } }) => ({
      items: [...(await objectNames.list(limit))],
    })),
    getObjectName: os.getObjectName.handler(({ input: { id } }) => objectNames.get(id)),
    putObjectName: os.putObjectName.handler(({ input: { id, givenName } }) =>
      objectNames.give(id, givenName),
    ),
    dropObjectName: os.dropObjectName.handler(({ input: { id } }) => objectNames.give(id, undefined)),
  };
}
