import { implement } from '@orpc/server';
import {
  circleLattice,
  type MovingObjects,
  type ReferenceStars,
  type RowFilter,
} from '../../domains/catalog/index.ts';
import type { CatalogTable } from '../../pipeline/index.ts';
import type { Principal } from '../access.ts';
import { contract, type FieldStars } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { whoAsks } from './curation.ts';
import { evaluateModels, summariseLabels } from './evaluate-labels.ts';
import { createColourFinder } from './find-colours.ts';

const os = implement(contract.catalog).$context<Asking>();

/** Labels of one detection that are told with its object. */
const MOST_LABELS = 100;

/** Answer what is asked of the catalogue of detections and sky objects. */
export function answerCatalog(services: Services) {
  const colours = createColourFinder(services);
  const seenBy = async (principal: Principal) =>
    services.catalog.seenBy(await whoAsks(services, principal, undefined));
  /** A table as whoever asks may see it, and the filter as it knows it. */
  const look = async (principal: Principal, table: CatalogTable, filter: RowFilter = {}) => {
    const curator = await whoAsks(services, principal, undefined);
    return {
      catalog: services.catalog.seenBy(curator),
      filter: await colours.resolve(curator, table, filter),
    };
  };
  return {
    listFieldStars: os.listFieldStars.handler(async ({ input }) => {
      const { sky } = await services.runs.get(input.id);
      if (sky === undefined) return { catalogs: [] };
      const { radiusDeg, ...centre } = circleLattice(sky);
      const found = await services.starsAround(centre, radiusDeg, input.limit + 1);
      return { catalogs: found.map(({ name, stars }) => toFieldStars(name, stars, input.limit)) };
    }),
    listMovingObjects: os.listMovingObjects.handler(async ({ input }) => {
      await services.runs.get(input.id);
      return toMovingObjects(await services.movingObjects.get(input.id));
    }),
    findMovingObjects: os.findMovingObjects.handler(async ({ input, signal }) =>
      toMovingObjects(await services.commands.findMovingObjects(input.id, input.observatory, signal)),
    ),
    evaluateModels: os.evaluateModels.handler(async ({ input, context }) => ({
      models: evaluateModels(await (await seenBy(context.principal)).listLabelledScores(), input.threshold),
    })),
    listDepths: os.listDepths.handler(async ({ input }) => ({
      images: [...(await services.catalog.listDepths(input.limit))],
    })),
    summariseWork: os.summariseWork.handler(async ({ context }) =>
      summariseLabels(await seenBy(context.principal)),
    ),
    listDetections: os.listDetections.handler(
      async ({ input: { filter: asked, falling, ...query }, context }) => {
        const { catalog, filter } = await look(context.principal, 'detections', asked);
        const page = await catalog.listDetections({ ...query, filter, isFalling: falling });
        return { ...page, items: [...page.items] };
      },
    ),
    listObjects: os.listObjects.handler(async ({ input: { filter: asked, falling, ...query }, context }) => {
      const { catalog, filter } = await look(context.principal, 'objects', asked);
      const page = await catalog.listObjects({ ...query, filter, isFalling: falling });
      return { ...page, items: [...page.items] };
    }),
    getObject: os.getObject.handler(async ({ input, context }) => {
      const curator = await whoAsks(services, context.principal, undefined);
      const { object, detections } = await services.catalog.seenBy(curator).getObject(input.id);
      const pages = await Promise.all(
        detections.map(({ id }) =>
          services.labels.list({ candidateId: id, limit: MOST_LABELS, seenBy: curator }),
        ),
      );
      const labels = pages
        .flatMap(({ items }) => items)
        .sort((a, b) => (a.decidedAt < b.decidedAt ? 1 : a.decidedAt > b.decidedAt ? -1 : 0));
      return { object, detections: [...detections], labels };
    }),
    countBins: os.countBins.handler(async ({ input, context }) => {
      const x = { column: input.x, isLog: input.xLog, from: input.xFrom, to: input.xTo, bins: input.xBins };
      const { catalog, filter } = await look(context.principal, input.table, input.filter);
      const { edges, counts, total } = await catalog.countBins(input.table, filter, x, input.by);
      return {
        edges: [...edges],
        counts: Object.fromEntries(Object.entries(counts).map(([name, bins]) => [name, [...bins]])),
        total,
      };
    }),
    countCells: os.countCells.handler(async ({ input, context }) => {
      const x = { column: input.x, isLog: input.xLog, from: input.xFrom, to: input.xTo, bins: input.xBins };
      const y = { column: input.y, isLog: input.yLog, from: input.yFrom, to: input.yTo, bins: input.yBins };
      const { catalog, filter } = await look(context.principal, input.table, input.filter);
      const answer = await catalog.countCells(input.table, filter, x, y, input.mostPoints);
      const { xEdges, yEdges, counts, points, total } = answer;
      return {
        xEdges: [...xEdges],
        yEdges: [...yEdges],
        counts: [...counts],
        points: points && { x: [...points.x], y: [...points.y], verdict: [...points.verdict] },
        total,
      };
    }),
    findColours: os.findColours.handler(async ({ input, context }) => {
      const curator = await whoAsks(services, context.principal, undefined);
      const found = await colours.find(curator, input.table, input.filter ?? {});
      const { rows, place, catalogue, ...facts } = found;
      const field =
        place === undefined || catalogue === undefined
          ? { colour: [], mag: [] }
          : await colours.listAround(place, catalogue);
      return {
        ...facts,
        catalogue,
        ids: rows.map(({ id }) => id),
        colour: rows.map(({ colour }) => colour),
        mag: rows.map(({ mag }) => mag),
        verdict: rows.map(({ verdict }) => verdict),
        field,
      };
    }),
  };
}

function toMovingObjects(found: MovingObjects | undefined) {
  return { ...found, objects: [...(found?.objects ?? [])] };
}

/** The brightest in the catalogue's first band that measures something; as they stand where none does. */
function toFieldStars(name: string, stars: ReferenceStars, limit: number): FieldStars {
  const band = stars.bands.find(({ mag }) => mag.some((value) => Number.isFinite(value)));
  const rows = Array.from({ length: stars.count }, (_, k) => k);
  const magAt = (k: number): number => band?.mag[k] ?? Number.NaN;
  // What has no magnitude comes last.
  const rankOf = (k: number): number => (Number.isFinite(magAt(k)) ? magAt(k) : Number.POSITIVE_INFINITY);
  if (band) rows.sort((a, b) => (rankOf(a) === rankOf(b) ? a - b : rankOf(a) - rankOf(b)));
  const kept = rows.slice(0, limit);
  return {
    name,
    band: band?.band,
    isCut: stars.count > limit,
    ids: kept.map((k) => stars.ids[k]!),
    raDeg: kept.map((k) => stars.raDeg[k]!),
    decDeg: kept.map((k) => stars.decDeg[k]!),
    mag: kept.map((k) => (Number.isFinite(magAt(k)) ? magAt(k) : null)),
  };
}
