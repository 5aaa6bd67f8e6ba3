import { implement } from '@orpc/server';
import {
  type CandidateCuration,
  CURATOR_SHAPES,
  compareTaxonomies,
  estimateTruth,
  hideOthers,
  type LabelEvent,
  measureAgreement,
} from '../../domains/curation/index.ts';
import { AstridError } from '../../utils/index.ts';
import { actAs, type Principal } from '../access.ts';
import { type CandidateCuration as CurationAnswer, contract, type Label } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.curation).$context<Asking>();

/**
 * Tell who asks: the principal's own profile, else the one that is chosen in this workspace; an admin may name any.
 *
 * @throws api/forbidden
 */
export async function whoAsks(
  services: Services,
  principal: Principal,
  curatorId: string | undefined,
): Promise<string> {
  const own = principal.curatorId ?? (await services.curationRules.currentCurator(services.curator)).id;
  return actAs(principal, own, curatorId);
}

/**
 * Tell as whom something is read: as oneself. An admin, who may sign for another, would else know what that one may
 * know before having judged.
 *
 * @throws api/forbidden
 */
export async function whoReads(
  services: Services,
  principal: Principal,
  curatorId: string | undefined,
): Promise<string> {
  const own = await whoAsks(services, principal, undefined);
  if (curatorId === undefined || curatorId === own) return own;
  throw new AstridError(
    'api/forbidden',
    `${principal.name} reads as its own curator ${own}: what another may know would tell it of labels before its own.`,
    { curatorId, own },
  );
}

/**
 * Tell who signs what is written, as `whoAsks`; a principal that signs for the first time gets its profile.
 *
 * @throws api/forbidden
 */
export async function whoSigns(
  services: Services,
  principal: Principal,
  curatorId: string | undefined,
): Promise<string> {
  const { curationRules } = services;
  const curator = await whoAsks(services, principal, curatorId);
  if (curator !== principal.curatorId) return curator;
  if ((await curationRules.listCurators()).some(({ id }) => id === curator)) return curator;
  const { name } = principal;
  const mark = Number.parseInt(curator.slice(-4), 16);
  await curationRules.saveCurator({
    id: curator,
    name: name.slice(0, 80),
    shortId:
      name
        .replace(/[^\p{L}\p{N}]/gu, '')
        .slice(0, 3)
        .toUpperCase() || 'API',
    // People are told apart by what their id happens to be, until they choose for themselves.
    colour: mark % 8,
    shape: CURATOR_SHAPES[mark % CURATOR_SHAPES.length]!,
  });
  return curator;
}

/** Answer what is asked of labels. */
export function answerCuration(services: Services) {
  const { curation, curationRules } = services;
  return {
    createLabel: os.createLabel.handler(async ({ input: { curatorId, ...label }, context }) =>
      services.labels.append({ ...label, curator: await whoSigns(services, context.principal, curatorId) }),
    ),
    retractLabel: os.retractLabel.handler(async ({ input, context }) => {
      const curator = await whoAsks(services, context.principal, input.curatorId);
      const { id, candidateId, retractedAt } = await services.labels.retract(
        input.id,
        input.retractionId,
        curator,
      );
      return { id, candidateId, retractedAt };
    }),
    listLabels: os.listLabels.handler(async ({ input, context }) => {
      const page = await services.labels.list({
        ...input,
        seenBy: await whoAsks(services, context.principal, undefined),
      });
      return { ...page, items: [...page.items] };
    }),
    recordEvents: os.recordEvents.handler(async ({ input: { curatorId, events }, context }) => {
      const recorded = await curation.record(await whoSigns(services, context.principal, curatorId), events);
      return {
        recordedAt: recorded.at(-1)!.at,
        labels: recorded.flatMap((event) => (event.kind === 'label' ? [toLabel(event)] : [])),
      };
    }),
    getCuration: os.getCuration.handler(async ({ input, context }) => {
      const curator = await whoReads(services, context.principal, input.curatorId);
      const [whole] = await curation.fold([input.id]);
      return toCuration(hideOthers(whole!, curator), curator);
    }),
    listOpen: os.listOpen.handler(async ({ input, context }) => {
      const curator = await whoReads(services, context.principal, input.curatorId);
      const { labelsOnDispute } = await curationRules.consensus();
      const open = await curation.fold(await curation.listOpen(input.limit));
      const { posterior } = estimateTruth(
        await curation.ratings(undefined, curator),
        undefined,
        await curation.listGold(),
      );
      // A dispute is open to those who have judged; only what waits for its last word is shown to all.
      return {
        items: open.flatMap((whole) => {
          const state =
            whole.labels.length >= labelsOnDispute ? ('to-adjudicate' as const) : ('disputed' as const);
          const seen = state === 'to-adjudicate' ? whole : hideOthers(whole, curator);
          const realProbability = posterior.get(whole.candidateId)?.[0];
          return seen.labels.length === 0 ? [] : [{ ...toCuration(seen, curator), state, realProbability }];
        }),
      };
    }),
    measureAgreement: os.measureAgreement.handler(({ input, context }) =>
      describeAgreement(services, context.principal, input.runId),
    ),
    listCurators: os.listCurators.handler(async () => {
      const { id } = await curationRules.currentCurator(services.curator);
      return { items: [...(await curationRules.listCurators())], currentId: id };
    }),
    getCurator: os.getCurator.handler(async ({ input }) => {
      const found = (await curationRules.listCurators()).find(({ id }) => id === input.id);
      if (found === undefined)
        throw new AstridError('curation/curator-not-found', `There is no profile ${input.id} here.`, {
          ...input,
        });
      return found;
    }),
    saveCurator: os.saveCurator.handler(async ({ input, context }) => {
      await whoAsks(services, context.principal, input.id);
      return curationRules.saveCurator(input);
    }),
    chooseCurator: os.chooseCurator.handler(({ input }) => curationRules.chooseCurator(input.id)),
    getTaxonomy: os.getTaxonomy.handler(async () => {
      const taxonomy = await curationRules.taxonomy();
      return { ...taxonomy, classes: [...taxonomy.classes] };
    }),
    compareTaxonomy: os.compareTaxonomy.handler(async ({ input }) => ({
      changes: [
        ...compareTaxonomies(await curationRules.taxonomy(), input, await curationRules.countClasses()),
      ],
    })),
    saveTaxonomy: os.saveTaxonomy.handler(async ({ input }) => {
      await curationRules.saveTaxonomy(input);
      return input;
    }),
    getConsensus: os.getConsensus.handler(() => curationRules.consensus()),
    putConsensus: os.putConsensus.handler(async ({ input }) => {
      await curationRules.setConsensus(input);
      return input;
    }),
  };
}

/** Measure agreement and skill. */
async function describeAgreement(services: Services, principal: Principal, runId: string | undefined) {
  const { curation } = services;
  const gold = await curation.listGold();
  const seenBy = await whoAsks(services, principal, undefined);
  const ratings = await curation.ratings(runId, seenBy);
  const repeats = await curation.repeats(seenBy);
  const { skills, prevalence } = estimateTruth(ratings, undefined, gold);
  const names = skills.map(({ curator }) => curator);
  const pairs = names.flatMap((first, i) =>
    names.slice(i + 1).map((second) => ({
      first,
      second,
      agreement: measureAgreement(ratings.filter(({ curator }) => curator === first || curator === second)),
    })),
  );
  return {
    all: measureAgreement(ratings),
    pairs,
    skills: skills.map(({ curator, ratings: count, accuracy, confusion }) => {
      const onGold = ratings.filter((one) => one.curator === curator && gold.has(one.itemId));
      const again = repeats.get(curator);
      return {
        curator,
        ratings: count,
        accuracy,
        confusion: confusion.map((row) => [...row]),
        ...(again === undefined ? {} : { selfAgreement: measureAgreement(again) }),
        gold: {
          right: onGold.filter(({ itemId, category }) => gold.get(itemId) === category).length,
          total: onGold.length,
        },
      };
    }),
    ...(ratings.length === 0 ? {} : { prevalence: { real: prevalence[0]!, bogus: prevalence[1]! } }),
    states: { ...(await curation.countStates()) },
  };
}

/** Say a label as the contract does. */
export function toLabel(event: LabelEvent): Label {
  const { id, candidateId, verdict, classId, confidence, reason, curator, purpose } = event;
  const { at, decisionMs, scoreVisible } = event;
  return {
    id,
    candidateId,
    verdict,
    classId,
    confidence,
    reason,
    curator,
    purpose,
    decidedAt: at,
    decisionMs,
    scoreVisible,
  };
}

function toCuration(curation: CandidateCuration, curator: string): CurationAnswer {
  const { candidateId, labels, comments, flaggedBy, revealedTo, adjudication } = curation;
  return {
    candidateId,
    labels: labels.map((label) => toLabel(label)),
    comments: comments.map(({ id, curator: by, at, text }) => ({ id, curator: by, at, text })),
    flaggedBy: [...flaggedBy],
    isRevealed: revealedTo.includes(curator),
    adjudication: adjudication && {
      id: adjudication.id,
      curator: adjudication.curator,
      at: adjudication.at,
      verdict: adjudication.verdict,
      text: adjudication.text,
    },
  };
}
