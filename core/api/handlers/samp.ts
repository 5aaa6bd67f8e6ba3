import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { whoAsks } from './curation.ts';

const os = implement(contract.samp).$context<Asking>();

/** Answer what is asked of other programs on this machine. */
export function answerSamp(services: Services) {
  const { samp } = services;
  return {
    getSamp: os.getSamp.handler(() => samp.state()),
    switchSamp: os.switchSamp.handler(({ input }) => samp.switch(input.isOn)),
    sendImage: os.sendImage.handler(async ({ input: { runId, plane, to } }) => ({
      told: await samp.sendImage(runId, plane, to),
    })),
    sendCandidates: os.sendCandidates.handler(async ({ input: { runId, to }, context }) => ({
      told: await samp.sendCandidates(runId, await whoAsks(services, context.principal, undefined), to),
    })),
    pointAt: os.pointAt.handler(async ({ input: { raDeg, decDeg, to } }) => ({
      told: await samp.pointAt({ raDeg, decDeg }, to),
    })),
    getTable: os.getTable.handler(({ input }) => samp.table(input.id)),
  };
}
