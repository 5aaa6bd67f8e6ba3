import { decideConsensus, wantsLabel } from '../../domains/curation/index.ts';
import type { Principal } from '../access.ts';
import type { Services } from '../ports.ts';
import { whoAsks } from './curation.ts';

/**
 * Find the candidates of which others have said something that whoever asks may not know yet.
 *
 * Where several people judge each candidate, they do so apart: as long as another label is wanted, the labels of others
 * are not told before one's own. The labelling screen does the same.
 *
 * @param ids of candidates that bear a label.
 */
export async function findUnjudged(
  services: Services,
  principal: Principal,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rules = await services.curationRules.consensus();
  if (ids.length === 0 || rules.labelsWanted < 2) return new Set();
  const curator = await whoAsks(services, principal, undefined);
  const folded = await services.curation.fold(ids);
  return new Set(
    folded
      .filter(
        (whole) =>
          whole.labels.length > 0 &&
          whole.labels.every((label) => label.curator !== curator) &&
          wantsLabel(decideConsensus(whole, rules)),
      )
      .map(({ candidateId }) => candidateId),
  );
}
