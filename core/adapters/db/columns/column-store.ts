import {
  type ColumnTable,
  listRows,
  mergeOrders,
  type NumberColumn,
  type RowFilter,
  type RowMask,
  type RowOrder,
  selectRows,
  sortRows,
} from '../../../domains/catalog/index.ts';
import { AstridError } from '../../../utils/errors.ts';

/** What a table in memory has. */
export interface StoreShape {
  /** 32 bits for what nobody compares to the last digit. */
  readonly numbers: Readonly<Record<string, 32 | 64>>;
  readonly words: readonly string[];
}

/** What somebody may not know: rows by key, and the words that stand there instead. */
export interface Veil {
  readonly column: string;
  readonly words: ReadonlyMap<number, string>;
}

/** A filter whose ids are SQLite's own numbers of the rows. */
export interface KeyedFilter extends RowFilter {
  readonly keys?: readonly number[] | undefined;
}

/** Views kept: what one person looks at, and what they looked at just before. */
const KEPT_VIEWS = 6;

/** Keys that are looked for one by one; for more all rows are gone through once. */
const FEW = 8;

/** Rows that a rehearsal looks at, and a triangle of scores and S/N with corners in the midst of them. */
const REHEARSED = 20_000;
const TRIANGLE = [
  [0.1, 6],
  [0.9, 8],
  [0.5, 40],
] as const;

/** Dead rows from which the table is worth making anew. */
const MOST_DEAD = 100_000;

/**
 * Columns that grow: rows are appended and die, never move.
 *
 * 68 bytes a detection. A row that changes its numbers dies and is appended again; words change where they are.
 */
export class ColumnStore {
  readonly #shape: StoreShape;
  #capacity = 0;
  #count = 0;
  #dead = 0;
  #version = 0;
  #isAlive = new Uint8Array(0);
  #keys = new Float64Array(0);
  readonly #numbers: Record<string, NumberColumn> = {};
  readonly #words: Record<string, { codes: Uint32Array; names: string[]; codeOf: Map<string, number> }> = {};
  readonly #orders = new Map<string, { order: RowOrder; upTo: number }>();
  readonly #views = new Map<string, { version: number; veil: Veil | undefined; view: RowOrder }>();
  readonly #veiled = new WeakMap<Veil, { version: number; table: ColumnTable }>();

  constructor(shape: StoreShape) {
    this.#shape = shape;
    for (const [name, bits] of Object.entries(shape.numbers))
      this.#numbers[name] = bits === 32 ? new Float32Array(0) : new Float64Array(0);
    for (const name of shape.words)
      this.#words[name] = { codes: new Uint32Array(0), names: [], codeOf: new Map() };
  }

  get table(): ColumnTable {
    return { count: this.#count, isAlive: this.#isAlive, numbers: this.#numbers, words: this.#words };
  }

  /** Whether most of it is dead. */
  get isStale(): boolean {
    return this.#dead > MOST_DEAD && this.#dead > this.#count / 2;
  }

  /** Append a row; numbers and words in the order of the shape. @param key SQLite's own number of the row. */
  append(key: number, numbers: readonly (number | null)[], words: readonly string[]): void {
    if (this.#count === this.#capacity) this.#grow();
    const row = this.#count++;
    this.#version++;
    this.#keys[row] = key;
    this.#isAlive[row] = 1;
    for (const [k, values] of Object.values(this.#numbers).entries()) values[row] = numbers[k] ?? Number.NaN;
    for (const [k, name] of this.#shape.words.entries()) this.#setWord(row, name, words[k]!);
  }

  /** Change a word of the rows with some keys; those that are not here are left out. */
  setWords(name: string, words: ReadonlyMap<number, string>): void {
    for (const row of this.#find(words)) this.#setWord(row, name, words.get(this.#keys[row]!)!);
    this.#version++;
  }

  /** Change a word of every row: what keys say, and one word for all that are not named. */
  resetWords(name: string, words: ReadonlyMap<number, string>, others: string): void {
    for (let row = 0; row < this.#count; row++)
      if (this.#isAlive[row] === 1) this.#setWord(row, name, words.get(this.#keys[row]!) ?? others);
    this.#version++;
  }

  /** Let the rows with some keys die; those that are not here are left out. */
  kill(keys: ReadonlySet<number>): void {
    for (const row of this.#find(keys)) {
      this.#isAlive[row] = 0;
      this.#dead++;
    }
    this.#version++;
  }

  /** Let all rows with a word die. */
  killAll(name: string, word: string): void {
    const { codes, codeOf } = this.#words[name]!;
    const code = codeOf.get(word);
    if (code === undefined) return;
    this.#version++;
    for (let row = 0; row < this.#count; row++) {
      if (codes[row] !== code || this.#isAlive[row] === 0) continue;
      this.#isAlive[row] = 0;
      this.#dead++;
    }
  }

  keyOf(row: number): number {
    return this.#keys[row]!;
  }

  /** The table through a veil; the same one is drawn again only when rows have changed. */
  seenThrough(veil: Veil | undefined): ColumnTable {
    if (veil === undefined) return this.table;
    const kept = this.#veiled.get(veil);
    if (kept?.version === this.#version) return kept.table;
    const { codes, names } = this.#words[veil.column]!;
    const seen = codes.slice();
    for (const row of this.#find(veil.words))
      seen[row] = this.#codeOf(veil.column, veil.words.get(this.#keys[row]!)!);
    const words = { ...this.#words, [veil.column]: { codes: seen, names } };
    const table = { ...this.table, words };
    this.#veiled.set(veil, { version: this.#version, table });
    return table;
  }

  /** Rows that pass a filter, of those with some keys where they are given. @throws catalog/unknown-column */
  select(filter: KeyedFilter, veil?: Veil): RowMask {
    const { passes, count } = selectRows(this.seenThrough(veil), filter);
    if (filter.keys === undefined) return { passes, count };
    const among = new Uint8Array(passes.length);
    let left = 0;
    for (const row of this.#find(new Set(filter.keys))) {
      among[row] = passes[row]!;
      left += passes[row]!;
    }
    return { passes: among, count: left };
  }

  /** Rows that pass a filter, in an order; the same question again costs nothing. @throws catalog/unknown-column */
  view(filter: KeyedFilter, column: string, isFalling: boolean, veil?: Veil): RowOrder {
    const key = JSON.stringify([filter, column, isFalling]);
    const kept = this.#views.get(key);
    this.#views.delete(key);
    let found = kept;
    if (found === undefined || found.version !== this.#version || found.veil !== veil) {
      const order = this.#order(column);
      const mask = this.select(filter, veil);
      found = { version: this.#version, veil, view: listRows(order, mask.passes, mask.count, isFalling) };
    }
    this.#views.set(key, found);
    if (this.#views.size > KEPT_VIEWS) this.#views.delete(this.#views.keys().next().value!);
    return found.view;
  }

  /**
   * Draw a lasso on a few of the rows, for no answer: what has run a few times is twice as fast when somebody draws one
   * on all of them.
   */
  rehearse(): void {
    const count = Math.min(this.#count, REHEARSED);
    const triangle = { x: 'score', y: 'snr', isLogY: true, points: TRIANGLE };
    selectRows({ ...this.table, count }, { lassos: [triangle] });
  }

  /** Sort by a column before anybody asks. */
  prepareOrder(column: string): void {
    this.#order(column);
  }

  #order(column: string): RowOrder {
    const values = this.#numbers[column];
    if (values === undefined)
      throw new AstridError(
        'catalog/unknown-column',
        `Nothing can be ordered by ${column}; there are ${Object.keys(this.#numbers).join(', ')}.`,
        { column },
      );
    const kept = this.#orders.get(column);
    if (kept?.upTo === this.#count) return kept.order;
    const order =
      kept === undefined
        ? sortRows(values, 0, this.#count)
        : mergeOrders(values, kept.order, sortRows(values, kept.upTo, this.#count), this.#isAlive);
    this.#orders.set(column, { order, upTo: this.#count });
    return order;
  }

  #find(keys: ReadonlySet<number> | ReadonlyMap<number, unknown>): number[] {
    const here = this.#keys.subarray(0, this.#count);
    const isAlive = (row: number): boolean => row >= 0 && this.#isAlive[row] === 1;
    // A key that came again is alive only where it came last.
    if (keys.size <= FEW) return [...keys.keys()].map((key) => here.lastIndexOf(key)).filter(isAlive);
    const rows: number[] = [];
    for (let row = 0; row < here.length; row++) if (keys.has(here[row]!) && isAlive(row)) rows.push(row);
    return rows;
  }

  #setWord(row: number, name: string, word: string): void {
    this.#words[name]!.codes[row] = this.#codeOf(name, word);
  }

  #codeOf(name: string, word: string): number {
    const { names, codeOf } = this.#words[name]!;
    let code = codeOf.get(word);
    if (code === undefined) {
      code = names.push(word) - 1;
      codeOf.set(word, code);
    }
    return code;
  }

  #grow(): void {
    this.#capacity = Math.max(4096, Math.ceil(this.#capacity * 1.5));
    this.#isAlive = copyInto(new Uint8Array(this.#capacity), this.#isAlive);
    this.#keys = copyInto(new Float64Array(this.#capacity), this.#keys);
    for (const [name, values] of Object.entries(this.#numbers))
      this.#numbers[name] =
        values instanceof Float32Array
          ? copyInto(new Float32Array(this.#capacity), values)
          : copyInto(new Float64Array(this.#capacity), values);
    for (const word of Object.values(this.#words))
      word.codes = copyInto(new Uint32Array(this.#capacity), word.codes);
  }
}

function copyInto<Values extends { set(values: Values): void }>(target: Values, source: Values): Values {
  target.set(source);
  return target;
}
