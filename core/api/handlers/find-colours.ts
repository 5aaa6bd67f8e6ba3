import { matchColours, type RowFilter, type SkyPlace, selectRows } from '../../domains/catalog/index.ts';
import type { CatalogDetection, CatalogTable, SkyObjectRecord } from '../../pipeline/index.ts';
import type { Services } from '../ports.ts';

/** Names of the two axes that are no columns of the database: what is drawn on them is looked up. */
const COLOUR = 'colour';
const STAR_MAG = 'starMag';

/** Rows that are looked up, best score first. */
const MOST_ROWS = 2000;
const ROWS_AT_ONCE = 1000;
/** A star nearer than this to a detection is taken for its own, arcsec. */
const TOLERANCE_ARCSEC = 1.5;
/** Rows of a square of this side are looked up at once, degrees. */
const CELL_DEG = 0.25;
const MOST_STARS = 100_000;
/** Stars of the field that are drawn behind them, and how far around, degrees. */
const MOST_FIELD_STARS = 3000;
const FIELD_DEG = 0.15;
/** Answers are kept for as long as a screen takes to ask for all its parts, ms. */
const KEPT_MS = 20_000;
const KEPT = 8;

/** Colours and magnitudes of the stars that rows lie on. */
export interface FoundColours {
  readonly catalogue?: string | undefined;
  readonly colourName?: string | undefined;
  readonly band?: string | undefined;
  readonly rows: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly colour: number;
    readonly mag: number;
  }[];
  /** Where the first row lies, for the stars around it. */
  readonly place?: SkyPlace | undefined;
  readonly catalogues: number;
  readonly looked: number;
  readonly total: number;
}

type Row = CatalogDetection | SkyObjectRecord;
type Catalog = ReturnType<Services['catalog']['seenBy']>;
type Located = Row & SkyPlace;

/** Look up the colours of detections and sky objects in the imported catalogues. */
export function createColourFinder(services: Services) {
  const kept = new Map<string, { readonly atMs: number; readonly found: Promise<FoundColours> }>();

  const find = async (curator: string, table: CatalogTable, filter: RowFilter): Promise<FoundColours> => {
    const plain = withoutColours(filter);
    // What may be told changes with every label and with the rules.
    const rules = await services.curationRules.consensus();
    const key = JSON.stringify([curator, table, plain, rules, await services.events.lastId()]);
    const known = kept.get(key);
    if (known !== undefined && performance.now() - known.atMs < KEPT_MS) return known.found;
    const found = lookUp(services, services.catalog.seenBy(curator), table, plain);
    kept.delete(key);
    kept.set(key, { atMs: performance.now(), found });
    if (kept.size > KEPT) kept.delete(kept.keys().next().value!);
    found.catch(() => kept.delete(key));
    return found;
  };

  return {
    find,
    /** Stars around a place, by colour and magnitude. */
    listAround: async (place: SkyPlace, catalogue: string) => {
      const around = await services.starsAround(place, FIELD_DEG, MOST_FIELD_STARS);
      const stars = around.find(({ name }) => name === catalogue)?.stars;
      if (stars === undefined) return { colour: [], mag: [] };
      const own = Array.from(stars.raDeg, (raDeg, k) => ({ raDeg, decDeg: stars.decDeg[k]! }));
      const matched = matchColours(own, stars, TOLERANCE_ARCSEC);
      const known = own.flatMap((_, k) =>
        matched !== undefined && Number.isFinite(matched.colour[k]! + matched.mag[k]!) ? [k] : [],
      );
      return { colour: known.map((k) => matched!.colour[k]!), mag: known.map((k) => matched!.mag[k]!) };
    },
    /** A filter as the tables know it: what was drawn on colours becomes the rows that lie in it. */
    resolve: async (curator: string, table: CatalogTable, filter: RowFilter): Promise<RowFilter> => {
      const drawn = (filter.lassos ?? []).filter(isOfColours);
      if (drawn.length === 0) return filter;
      const { rows } = await find(curator, table, filter);
      const columns = {
        [COLOUR]: Float64Array.from(rows, ({ colour }) => colour),
        [STAR_MAG]: Float64Array.from(rows, ({ mag }) => mag),
      };
      const isAlive = new Uint8Array(rows.length).fill(1);
      const { passes } = selectRows(
        { count: rows.length, isAlive, numbers: columns, words: {} },
        { lassos: drawn },
      );
      const ids = rows.flatMap(({ id }, k) => (passes[k] === 1 ? [id] : []));
      return { ...withoutColours(filter), ids };
    },
  };
}

function isOfColours({ x, y }: { readonly x: string; readonly y: string }): boolean {
  return x === COLOUR && y === STAR_MAG;
}

function withoutColours(filter: RowFilter): RowFilter {
  return { ...filter, lassos: (filter.lassos ?? []).filter((lasso) => !isOfColours(lasso)) };
}

async function lookUp(
  services: Services,
  catalog: Catalog,
  table: CatalogTable,
  filter: RowFilter,
): Promise<FoundColours> {
  const rows: Row[] = [];
  let total = 0;
  for (let offset = 0; offset < MOST_ROWS; offset += ROWS_AT_ONCE) {
    const query = { filter, order: 'score', isFalling: true, limit: ROWS_AT_ONCE, offset };
    const page =
      table === 'detections' ? await catalog.listDetections(query) : await catalog.listObjects(query);
    total = page.total;
    rows.push(...page.items);
    if (page.items.length < ROWS_AT_ONCE) break;
  }
  const located = rows.filter((row): row is Located => row.raDeg !== undefined && row.decDeg !== undefined);
  const cells = new Map<string, Located[]>();
  for (const row of located) {
    const across = row.raDeg * Math.cos((row.decDeg * Math.PI) / 180);
    const cell = `${Math.floor(across / CELL_DEG)} ${Math.floor(row.decDeg / CELL_DEG)}`;
    const own = cells.get(cell);
    if (own === undefined) cells.set(cell, [row]);
    else own.push(row);
  }
  const byCatalogue = new Map<
    string,
    { band: string; colourName: string; rows: FoundColours['rows'][number][] }
  >();
  let catalogues = 0;
  for (const places of cells.values()) {
    // The middle of a cell's rows is at most its diagonal away from each of them.
    const around = await services.starsAround(places[0]!, 1.5 * CELL_DEG, MOST_STARS);
    catalogues = Math.max(catalogues, around.length);
    for (const { name, stars } of around) {
      const match = matchColours(places, stars, TOLERANCE_ARCSEC);
      if (match === undefined) continue;
      const whole = byCatalogue.get(name) ?? { band: match.band, colourName: match.colourName, rows: [] };
      byCatalogue.set(name, whole);
      for (const [k, { id, verdict }] of places.entries()) {
        const [colour, mag] = [match.colour[k]!, match.mag[k]!];
        if (Number.isFinite(colour + mag)) whole.rows.push({ id, verdict: verdict ?? 'none', colour, mag });
      }
    }
  }
  const [best] = [...byCatalogue].sort(([, a], [, b]) => b.rows.length - a.rows.length);
  return {
    ...(best === undefined
      ? { rows: [] }
      : { catalogue: best[0], colourName: best[1].colourName, band: best[1].band, rows: best[1].rows }),
    place: located[0] && { raDeg: located[0].raDeg, decDeg: located[0].decDeg },
    catalogues,
    looked: located.length,
    total,
  };
}
