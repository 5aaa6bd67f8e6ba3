import { implement } from '@orpc/server';
import { Collection, contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.collection).$context<Asking>();

/** Answer what is asked of collecting pixels that nobody refers to. */
export function answerCollection({ sync: { collection } }: Services) {
  return {
    getCollection: os.getCollection.handler(() => Collection.parse(collection.state())),
    startCollection: os.startCollection.handler(({ input }) => Collection.parse(collection.start(input))),
    stopCollection: os.stopCollection.handler(async () => Collection.parse(await collection.stop())),
  };
}
