import { implement } from '@orpc/server';
import { z } from 'zod';
import {
  type Assignment,
  assignQueue,
  hideOthers,
  type LabelQueueStore,
  measureGain,
  measureNovelty,
  scaleFeatures,
  standardise,
  tabulateFeatures,
} from '../../domains/curation/index.ts';
import { findOnLattice } from '../../domains/observations/index.ts';
import { findCovering } from '../../pipeline/index.ts';
import { AstridError } from '../../utils/index.ts';
import {
  contract,
  type Epoch,
  type Neighbour,
  PlaneRef,
  type QueueItem,
  SavedFilter,
} from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { toLabel, whoReads, whoSigns } from './curation.ts';

const os = implement(contract.labelling).$context<Asking>();

/** Candidates that ranks are worked out against, and for at one question. */
const SAMPLE = 512;
const RANKED_AT_ONCE = 4000;

/** What a curator judged that may be shown again: the oldest of it. */
const REPEATABLE = 500;

const FILTERS_KEY = 'curation.filters';
const RAD = Math.PI / 180;

/** Answer what the labelling screen asks. */
export function answerLabelling(services: Services) {
  const { curation, labelQueue, settings } = services;
  // A filter that a newer version wrote and this one cannot read stays where it is, and hides none of the others.
  const readKept = async (): Promise<readonly { readonly name?: unknown }[]> =>
    z
      .array(z.looseObject({}))
      .catch([])
      .parse((await settings.get(FILTERS_KEY)) ?? []);
  const readFilters = async (): Promise<readonly SavedFilter[]> =>
    (await readKept()).flatMap((kept) => {
      const { data } = SavedFilter.safeParse(kept);
      return data === undefined ? [] : [data];
    });

  return {
    listQueue: os.listQueue.handler(async ({ input, context }) => {
      const { order, filter, limit, cursor, isBlind } = input;
      const curator = await whoReads(services, context.principal, input.curatorId);
      if (order === 'novelty' || order === 'gain') await rankNew(labelQueue);
      const page = await labelQueue.list({ curator, order, filter, limit, cursor });
      const work = page.items.map(({ candidateId }) => candidateId);
      const queue = input.hasControls
        ? await mixControls(services, curator, work)
        : work.map((candidateId): Assignment => ({ candidateId, purpose: 'work' }));
      const items = await Promise.all(queue.map((place) => describeItem(services, place, curator, isBlind)));
      return {
        items,
        nextCursor: page.nextCursor,
        ...(cursor === undefined ? { left: await labelQueue.count({ curator, filter }) } : {}),
      };
    }),
    revealScore: os.revealScore.handler(async ({ input: { candidateId, id, curatorId }, context }) => {
      const curator = await whoSigns(services, context.principal, curatorId);
      await curation.record(curator, [{ kind: 'reveal', id, candidateId }]);
      const { score, modelVersion } = await services.detections.get(candidateId);
      return { score, modelVersion };
    }),
    listHistory: os.listHistory.handler(async ({ input, context }) => {
      const curator = await whoReads(services, context.principal, input.curatorId);
      const page = await curation.history(curator, input);
      return { ...page, items: page.items.map(toLabel) };
    }),
    listEpochs: os.listEpochs.handler(async ({ input }) => ({ items: await findEpochs(services, input.id) })),
    listNeighbours: os.listNeighbours.handler(async ({ input }) => {
      const { raDeg, decDeg } = await services.detections.get(input.id);
      if (raDeg === undefined || decDeg === undefined) return { catalogs: [], items: [] };
      const place = { raDeg, decDeg };
      const around = await services.starsAround(place, input.radiusArcsec / 3600);
      const items = around.flatMap(({ name, stars }) =>
        Array.from({ length: stars.count }, (_, i): Neighbour => {
          const star = { raDeg: stars.raDeg[i]!, decDeg: stars.decDeg[i]! };
          return {
            catalog: name,
            id: stars.ids[i]!,
            ...star,
            separationArcsec: separationArcsec(place, star),
            isVariable: stars.isVariable[i] === 1,
            mags: stars.bands
              .map(({ band, mag }) => ({ band, mag: mag[i]! }))
              .filter(({ mag }) => Number.isFinite(mag)),
          };
        }),
      );
      return {
        catalogs: around.map(({ name }) => name),
        items: items.sort((a, b) => a.separationArcsec - b.separationArcsec).slice(0, 20),
      };
    }),
    listFilters: os.listFilters.handler(async () => ({ items: [...(await readFilters())] })),
    getFilter: os.getFilter.handler(async ({ input }) => {
      const found = (await readFilters()).find(({ name }) => name === input.name);
      if (found === undefined)
        throw new AstridError('curation/filter-not-found', `There is no filter “${input.name}”.`, {
          ...input,
        });
      return found;
    }),
    saveFilter: os.saveFilter.handler(async ({ input }) => {
      const others = (await readKept()).filter(({ name }) => name !== input.name);
      await settings.set(FILTERS_KEY, [...others, input]);
      return { savedAt: new Date().toISOString() };
    }),
    dropFilter: os.dropFilter.handler(async ({ input }) => {
      await settings.set(
        FILTERS_KEY,
        (await readKept()).filter(({ name }) => name !== input.name),
      );
      return { name: input.name };
    }),
  };
}

/** Mix gold and repeats into a curator's work; the same work has the same controls. */
async function mixControls(
  services: Services,
  curator: string,
  work: readonly string[],
): Promise<readonly Assignment[]> {
  const { curation, curationRules, labelQueue } = services;
  const judged = await labelQueue.listJudged(curator, REPEATABLE);
  const known = new Set(judged);
  const gold = [...(await curation.listGold()).keys()].filter((id) => !known.has(id));
  return assignQueue(work, gold, judged, await curationRules.consensus(), seedOf(work[0] ?? curator));
}

/** A candidate as the curator may know it. */
async function describeItem(
  services: Services,
  { candidateId, purpose }: Assignment,
  curator: string,
  isBlind: boolean,
): Promise<QueueItem> {
  const candidate = await services.detections.get(candidateId);
  const [whole] = await services.curation.fold([candidateId]);
  const seen = hideOthers(whole!, curator);
  const own = seen.labels.find((label) => label.curator === curator);
  const { runId, tripletSha256, xPx, yPx, raDeg, decDeg, fluxE, fluxErrE, snr, scorr, isNegative } =
    candidate;
  return {
    candidateId,
    runId,
    purpose,
    tripletSha256,
    xPx,
    yPx,
    raDeg,
    decDeg,
    fluxE,
    fluxErrE,
    snr,
    scorr,
    isNegative,
    mag: candidate.mag,
    flags: [...candidate.flags],
    vetoes: [...candidate.vetoes],
    features: { ...candidate.features },
    ...(isBlind && !seen.revealedTo.includes(curator) ? {} : { score: candidate.score }),
    // A repeat is to be judged anew: what was said the first time would lean on it.
    label: own === undefined || purpose === 'repeat' ? undefined : toLabel(own),
    isFlagged: seen.flaggedBy.includes(curator),
    comments: seen.comments.length,
  };
}

/** Where a candidate's place lies in every finished run that covers it. */
async function findEpochs(services: Services, candidateId: string): Promise<Epoch[]> {
  const { runId, raDeg, decDeg, xPx, yPx } = await services.detections.get(candidateId);
  const own = await services.runs.get(runId);
  const place = raDeg === undefined || decDeg === undefined ? undefined : { raDeg, decDeg };
  const covering = place === undefined ? [] : await findCovering(place, services.runs);
  const epochs: Epoch[] = [];
  for (const { id } of [own, ...covering.filter(({ id }) => id !== runId)]) {
    // Lists leave the sky out: it is large.
    const run = id === runId ? own : await services.runs.get(id);
    const at = id === runId ? { xPx, yPx } : place && run.sky && findOnLattice(run.sky, place);
    const kept = (await services.planes.list(id)).find(({ kind }) => kind === 'science');
    const plane = PlaneRef.safeParse(kept);
    if (at === undefined || !plane.success) continue;
    // One candidate after another must not pull whole images over the network.
    if ((await services.findAway([plane.data.sha256])).size > 0) continue;
    if (at.xPx > plane.data.width - 0.5 || at.yPx > plane.data.height - 0.5) continue;
    epochs.push({
      runId: id,
      midpointMjdTai: run.science?.midpointMjdTai,
      band: run.science?.band,
      ...at,
      plane: plane.data,
      isOwn: id === runId,
    });
  }
  return epochs.sort((a, b) => (a.midpointMjdTai ?? 0) - (b.midpointMjdTai ?? 0));
}

/** Work out novelty and gain of candidates that have none yet. */
async function rankNew(store: LabelQueueStore): Promise<void> {
  const fresh = await store.listUnranked(RANKED_AT_ONCE);
  if (fresh.length === 0) return;
  const { population, seen } = await store.sampleFeatures(SAMPLE);
  const scale = scaleFeatures(tabulateFeatures(population.map(({ features }) => features)));
  const rows = population.map(({ features }) => standardise(features, scale));
  // Before anybody has judged, new is what differs from most.
  const known = seen.length === 0 ? rows : seen.map(({ features }) => standardise(features, scale));
  await store.keepRanks(
    fresh.map(({ id, score, features }) => {
      const row = standardise(features, scale);
      return { id, novelty: measureNovelty(row, known) ?? 0, gain: measureGain(score, row, rows) };
    }),
  );
}

/** A seed that is the same for the same text. @see Fowler, Noll & Vo, FNV-1a */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

function separationArcsec(
  a: { readonly raDeg: number; readonly decDeg: number },
  b: { readonly raDeg: number; readonly decDeg: number },
): number {
  const dDec = Math.sin(((a.decDeg - b.decDeg) * RAD) / 2);
  const dRa = Math.sin(((a.raDeg - b.raDeg) * RAD) / 2);
  const h = dDec ** 2 + Math.cos(a.decDeg * RAD) * Math.cos(b.decDeg * RAD) * dRa ** 2;
  return (2 * Math.asin(Math.min(1, Math.sqrt(h))) * 3600) / RAD;
}
