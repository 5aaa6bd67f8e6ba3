/** One line of the table: how far ours is from a reference in one quantity. */
export interface ParityRow {
  readonly quantity: string;
  /** Values compared. */
  readonly n: number;
  /** Most that `judged` may be; with `isLeast`, the least. */
  readonly tolerance: number;
  /** The deviation (or rate) that is held against the tolerance. */
  readonly judged: number;
  /** What `judged` is of the deviations: the largest, a percentile, a rate. */
  readonly statistic: string;
  /** 95th percentile of the deviations, where there are some. */
  readonly typical?: number | undefined;
  /** `judged` has to be at least the tolerance instead of at most. */
  readonly isLeast?: boolean | undefined;
  /** In words: px, relative, counts. */
  readonly unit: string;
}

/** Why a check was not made. */
export interface Skipped {
  readonly skipped: string;
}

/** Where a check finds what it compares with. */
export interface ParityContext {
  /** The goldens: `tests/golden`, or a folder with what was computed a moment ago. */
  readonly goldenDir: string;
}

/** A group of rows that share a reference program. */
export interface ParityCheck {
  readonly name: string;
  /** Program and version, from the golden. */
  reference(context: ParityContext): string;
  run(context: ParityContext): Promise<readonly ParityRow[] | Skipped>;
  /** How the golden is made again. */
  readonly live?: LiveGolden | undefined;
}

/** How a golden is made again from the programs installed here. */
export interface LiveGolden {
  /** Script in `tests/golden`; it writes beside itself, or with `--images FOLDER --out FILE` where it reads images. */
  readonly script: string;
  readonly readsImages: boolean;
  /** What it is called with besides. */
  readonly args?: readonly string[] | undefined;
  /** Files the script writes; the first is what `--out` names. */
  readonly writes: readonly string[];
  /** Python modules and programs it needs. */
  readonly modules: readonly string[];
  readonly programs: readonly string[];
}

/** Percentile `p` (0..100) of some numbers; NaN for none. */
export function percentile(values: readonly number[], p: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round((p / 100) * (sorted.length - 1)))]!;
}

/** A row from deviations, judged by the worst of them. */
export function rowOfWorst(
  quantity: string,
  deviations: readonly number[],
  tolerance: number,
  unit: string,
): ParityRow {
  let worst = 0;
  // A value that is not a number has no place in a comparison: Math.max lets it through.
  for (const deviation of deviations) worst = Math.max(worst, deviation);
  return {
    quantity,
    n: deviations.length,
    tolerance,
    judged: deviations.length === 0 ? Number.NaN : worst,
    statistic: 'worst',
    typical: percentile(deviations, 95),
    unit,
  };
}

/** A row that holds a rate, which must reach the tolerance. */
export function rowOfRate(quantity: string, hits: number, n: number, least: number): ParityRow {
  return {
    quantity,
    n,
    tolerance: least,
    judged: n === 0 ? Number.NaN : hits / n,
    statistic: 'rate',
    isLeast: true,
    unit: 'fraction',
  };
}

/** Tell whether a row holds. NaN never does. */
export function isMet(row: ParityRow): boolean {
  return row.isLeast === true ? row.judged >= row.tolerance : row.judged <= row.tolerance;
}
