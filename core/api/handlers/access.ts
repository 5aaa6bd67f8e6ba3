import { implement } from '@orpc/server';
import { contract, PrincipalFacts } from '../contract/index.ts';
import type { Asking } from '../ports.ts';

const os = implement(contract.access).$context<Asking>();

/** Answer what is asked of who may do what. */
export function answerAccess() {
  return {
    whoAmI: os.whoAmI.handler(({ context: { principal } }) => PrincipalFacts.parse(principal)),
  };
}
