import { create } from 'zustand';
import type { RowFilter } from '../../../core/api/contract/index.ts';
import type { CatalogTable } from '../../api/catalog.ts';

export type CatalogTab = CatalogTable | 'analytics';

/** An order of a list. */
export interface ListOrder {
  readonly column: string;
  readonly isFalling: boolean;
}

/** What the person is doing in the catalogue; it is as it was when they come back. */
interface CatalogView {
  readonly tab: CatalogTab;
  readonly filters: Readonly<Record<CatalogTable, RowFilter>>;
  readonly orders: Readonly<Record<CatalogTable, ListOrder>>;
  /** Place in the list. */
  readonly index: number;
  /** The object whose page is open. */
  readonly objectId?: string | undefined;
  /** Plots as tables of numbers. */
  readonly isTabular: boolean;
  /** The last plot shows colours instead of times. */
  readonly hasColours: boolean;
}

/** What a detection list begins with: what the vetoes left. */
const CANDIDATES: RowFilter = { words: [{ column: 'state', names: ['candidate'] }] };

export const useCatalogView = create<CatalogView>(() => ({
  tab: 'detections',
  filters: { detections: CANDIDATES, objects: {} },
  orders: {
    detections: { column: 'score', isFalling: true },
    objects: { column: 'lastMjdTai', isFalling: true },
  },
  index: 0,
  isTabular: false,
  hasColours: false,
}));

/** Change the filter of a list; the list begins anew. */
export function setFilter(table: CatalogTable, change: (filter: RowFilter) => RowFilter): void {
  useCatalogView.setState(({ filters }) => ({
    filters: { ...filters, [table]: change(filters[table]) },
    index: 0,
  }));
}

/** Take away all filters but those that a list begins with. */
export function clearFilter(table: CatalogTable): void {
  setFilter(table, () => (table === 'detections' ? CANDIDATES : {}));
}

/** Order by a column; the same again turns the order around. */
export function orderBy(table: CatalogTable, column: string): void {
  useCatalogView.setState(({ orders }) => ({
    orders: {
      ...orders,
      [table]: {
        column,
        isFalling: orders[table].column === column ? !orders[table].isFalling : FALLING.has(column),
      },
    },
    index: 0,
  }));
}

/** Columns whose largest numbers are wanted first. */
const FALLING: ReadonlySet<string> = new Set([
  'score',
  'snr',
  'detectionCount',
  'midpointMjdTai',
  'lastMjdTai',
  'firstMjdTai',
]);

/** Keep the rows of a range; without ends the range is taken away. */
export function withRange(filter: RowFilter, column: string, from?: number, to?: number): RowFilter {
  const others = (filter.ranges ?? []).filter((range) => range.column !== column);
  if (from === undefined && to === undefined) return { ...filter, ranges: others };
  return {
    ...filter,
    ranges: [
      ...others,
      { column, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
    ],
  };
}

/** How a word is filtered: not at all, shown alone, or left out. */
export type WordState = 'any' | 'included' | 'excluded';

/** Tell how a word is filtered. */
export function stateOfWord(filter: RowFilter, column: string, name: string): WordState {
  const found = filter.words?.find((word) => word.column === column && word.names.includes(name));
  if (found === undefined) return 'any';
  return found.isExcluded === true ? 'excluded' : 'included';
}

/** Turn a word on: from any to included to excluded and back. */
export function turnWord(filter: RowFilter, column: string, name: string): RowFilter {
  const next = { any: 'included', included: 'excluded', excluded: 'any' }[stateOfWord(filter, column, name)];
  const words = (filter.words ?? []).map((word) =>
    word.column === column ? { ...word, names: word.names.filter((known) => known !== name) } : word,
  );
  if (next !== 'any') {
    const isExcluded = next === 'excluded';
    const place = words.findIndex(
      (word) => word.column === column && (word.isExcluded === true) === isExcluded,
    );
    if (place >= 0) words[place] = { ...words[place]!, names: [...words[place]!.names, name] };
    else words.push(isExcluded ? { column, names: [name], isExcluded } : { column, names: [name] });
  }
  return { ...filter, words: words.filter(({ names }) => names.length > 0) };
}

/** What was drawn on a plot. */
export interface Drawn {
  readonly x: string;
  readonly y?: string | undefined;
  readonly isLogX?: boolean | undefined;
  readonly isLogY?: boolean | undefined;
  /** Corners of a lasso, or of the box; in numbers, not in their logarithms. */
  readonly points: readonly (readonly [number, number])[];
}

/** Keep the rows inside what was drawn, in place of what was drawn on the same axes before. */
export function withDrawn(filter: RowFilter, drawn: Drawn): RowFilter {
  const { x, y, isLogX, isLogY, points } = drawn;
  if (y === undefined) {
    const values = points.map(([at]) => at);
    return withRange(filter, x, Math.min(...values), Math.max(...values));
  }
  const lassos = (filter.lassos ?? []).filter((lasso) => lasso.x !== x || lasso.y !== y);
  const lasso = { x, y, points: points.map(([a, b]): [number, number] => [a, b]) };
  return {
    ...filter,
    lassos: [
      ...lassos,
      { ...lasso, ...(isLogX === true ? { isLogX } : {}), ...(isLogY === true ? { isLogY } : {}) },
    ],
  };
}

/** One part of a filter, as it is told and taken away. */
export interface FilterPart {
  readonly key: string;
  readonly text: string;
  readonly without: (filter: RowFilter) => RowFilter;
}

/** Names of columns as people read them. */
export const COLUMN_NAMES: Readonly<Record<string, string>> = {
  score: 'score',
  snr: 'S/N',
  mag: 'mag',
  raDeg: 'RA',
  decDeg: 'Dec',
  midpointMjdTai: 'MJD',
  firstMjdTai: 'first MJD',
  lastMjdTai: 'last MJD',
  detectionCount: 'detections',
  positionErrArcsec: 'error',
  xPx: 'x',
  yPx: 'y',
  colour: 'colour',
  starMag: 'magnitude of the star',
};

/** List what a filter asks for, but for words, which have buttons of their own. */
export function describeFilter(filter: RowFilter): readonly FilterPart[] {
  const ranges = (filter.ranges ?? []).map(({ column, from, to }): FilterPart => {
    const name = COLUMN_NAMES[column] ?? column;
    const [low, high] = [formatEnd(from), formatEnd(to)];
    const text =
      low === undefined
        ? `${name} ≤ ${high}`
        : high === undefined
          ? `${name} ≥ ${low}`
          : `${name} ${low} … ${high}`;
    return { key: `range ${column}`, text, without: (whole) => withRange(whole, column) };
  });
  const lassos = (filter.lassos ?? []).map(
    ({ x, y }): FilterPart => ({
      key: `lasso ${x} ${y}`,
      text: `drawn on ${COLUMN_NAMES[x] ?? x} × ${COLUMN_NAMES[y] ?? y}`,
      without: (whole) => ({
        ...whole,
        lassos: (whole.lassos ?? []).filter((lasso) => lasso.x !== x || lasso.y !== y),
      }),
    }),
  );
  return [...ranges, ...lassos];
}

function formatEnd(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(Number(value.toPrecision(6)));
}
