import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Services } from '../ports.ts';

const os = implement(contract.catalog);

/** Labels of one detection that are told with its object. */
const MOST_LABELS = 100;

/** Answer what is asked of the catalogue of detections and sky objects. */
export function answerCatalog(services: Services) {
  return {
    listDetections: os.listDetections.handler(async ({ input: { filter = {}, falling, ...query } }) => {
      const page = await services.catalog.listDetections({ ...query, filter, isFalling: falling });
      return { ...page, items: [...page.items] };
    }),
    listObjects: os.listObjects.handler(async ({ input: { filter = {}, falling, ...query } }) => {
      const page = await services.catalog.listObjects({ ...query, filter, isFalling: falling });
      return { ...page, items: [...page.items] };
    }),
    getObject: os.getObject.handler(async ({ input }) => {
      const { object, detections } = await services.catalog.getObject(input.id);
      const pages = await Promise.all(
        detections.map(({ id }) => services.labels.list({ candidateId: id, limit: MOST_LABELS })),
      );
      const labels = pages
        .flatMap(({ items }) => items)
        .sort((a, b) => (a.decidedAt < b.decidedAt ? 1 : a.decidedAt > b.decidedAt ? -1 : 0));
      return { object, detections: [...detections], labels };
    }),
    countBins: os.countBins.handler(async ({ input }) => {
      const x = { column: input.x, isLog: input.xLog, from: input.xFrom, to: input.xTo, bins: input.xBins };
      const { edges, counts, total } = await services.catalog.countBins(
        input.table,
        input.filter ?? {},
        x,
        input.by,
      );
      return {
        edges: [...edges],
        counts: Object.fromEntries(Object.entries(counts).map(([name, bins]) => [name, [...bins]])),
        total,
      };
    }),
    countCells: os.countCells.handler(async ({ input }) => {
      const x = { column: input.x, isLog: input.xLog, from: input.xFrom, to: input.xTo, bins: input.xBins };
      const y = { column: input.y, isLog: input.yLog, from: input.yFrom, to: input.yTo, bins: input.yBins };
      const { xEdges, yEdges, counts, points, total } = await services.catalog.countCells(
        input.table,
        input.filter ?? {},
        x,
        y,
        input.mostPoints,
      );
      return {
        xEdges: [...xEdges],
        yEdges: [...yEdges],
        counts: [...counts],
        points: points && { x: [...points.x], y: [...points.y], verdict: [...points.verdict] },
        total,
      };
    }),
  };
}
