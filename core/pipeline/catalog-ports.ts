import type { MovingObjects, RowFilter } from '../domains/catalog/index.ts';
import type { Verdict } from '../domains/curation/index.ts';
import type { LabelRecord, Page, Sha256 } from './ports.ts';

/** The two tables that can be searched whole. */
export type CatalogTable = 'detections' | 'objects';

/** How a table can be written. */
export type ExportFormat = 'csv' | 'votable' | 'fits' | 'parquet' | 'ds9';

/** A detection as a table of many shows it: without its features. */
export interface CatalogDetection {
  readonly id: string;
  readonly runId: string;
  /** Of the science image. */
  readonly exposureName?: string | undefined;
  /** What the science image says it shows. */
  readonly fieldName?: string | undefined;
  readonly band?: string | undefined;
  readonly midpointMjdTai?: number | undefined;
  readonly objectId?: string | undefined;
  readonly objectName?: string | undefined;
  readonly rank: number;
  readonly score: number;
  readonly modelVersion: string;
  readonly snr: number;
  /** Peak of the score image, sigma, signed. */
  readonly scorr: number;
  readonly mag?: number | undefined;
  readonly fluxE: number;
  readonly fluxErrE: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
  readonly xPx: number;
  readonly yPx: number;
  readonly isNegative: boolean;
  readonly isVetoed: boolean;
  readonly verdict?: Verdict | undefined;
  readonly tripletSha256: Sha256;
}

/** Detections of many runs that are one thing on the sky. */
export interface SkyObjectRecord {
  readonly id: string;
  /** After its first place; never changed. */
  readonly name: string;
  /** What people call it. */
  readonly givenName?: string | undefined;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly positionErrArcsec: number;
  readonly detectionCount: number;
  readonly firstMjdTai?: number | undefined;
  readonly lastMjdTai?: number | undefined;
  /** Best of its detections. */
  readonly score: number;
  readonly snr: number;
  readonly mag?: number | undefined;
  /** Of the newest label that any of its detections bears. */
  readonly verdict?: Verdict | undefined;
}

/** A label as exports list it; without a verdict, where that is not for whoever asks to know yet. */
export interface CatalogLabel extends Omit<LabelRecord, 'verdict'> {
  readonly runId: string;
  readonly verdict?: Verdict | undefined;
}

/** Which rows of a table, and where to begin. */
export interface CatalogQuery {
  readonly filter: RowFilter;
  /** A column of numbers; rows without one come last. */
  readonly order: string;
  readonly isFalling: boolean;
  /** 1..1000. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Rows to skip, where there is no cursor: any place of the list costs the same. */
  readonly offset?: number | undefined;
}

/** A page and where in the list it begins. */
export interface CatalogPage<Row> extends Page<Row> {
  readonly offset: number;
}

/** An axis to count along; its ends are those of the rows where they are not given. */
export interface AxisRequest {
  readonly column: string;
  readonly isLog: boolean;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly bins: number;
}

/** Numbers of rows along one axis. */
export interface BinCounts {
  /** One more than there are bins; empty when no row has a number. */
  readonly edges: readonly number[];
  /** By word of the column that was asked for. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
  /** Rows that pass the filter, those without a number among them. */
  readonly total: number;
}

/** Numbers of rows over two axes, and the rows themselves where they are few. */
export interface CellCounts {
  readonly xEdges: readonly number[];
  readonly yEdges: readonly number[];
  /** Row-major, y outermost. */
  readonly counts: readonly number[];
  readonly points?:
    | { readonly x: readonly number[]; readonly y: readonly number[]; readonly verdict: readonly string[] }
    | undefined;
  readonly total: number;
}

/** How deep one image is, by the stars injected into it. */
export interface ImageDepth {
  readonly runId: string;
  readonly exposureName?: string | undefined;
  readonly band?: string | undefined;
  readonly midpointMjdTai?: number | undefined;
  readonly injected: number;
  readonly found: number;
  readonly magnitudes: 'instrumental' | 'calibrated';
  /** Efficiency against S/N: ceiling / (1 + exp(-(s - centre) / width)). */
  readonly bySnr: { readonly ceiling: number; readonly centre: number; readonly width: number };
  readonly snr50?: number | undefined;
  readonly snr50Err?: number | undefined;
  readonly mag50?: number | undefined;
  readonly mag90?: number | undefined;
}

/** A candidate's score beside the verdict on it. */
export interface LabelledScore {
  readonly modelVersion: string;
  readonly score: number;
  readonly verdict: Verdict;
}

/** Tables of all that was ever found, to search, plot and export; what is persisted and labelled shows at once. */
export interface CatalogRepository {
  /**
   * The same tables before the eyes of a curator.
   *
   * What others said of a candidate that the curator has not judged is in none of them, as long as another label of it
   * is wanted: no list, filter, count, plot or export tells it from a candidate without a label.
   */
  seenBy(curator: string): CatalogRepository;
  /** @throws catalog/bad-cursor, catalog/unknown-column */
  listDetections(query: CatalogQuery): Promise<CatalogPage<CatalogDetection>>;
  /** @throws catalog/bad-cursor, catalog/unknown-column */
  listObjects(query: CatalogQuery): Promise<CatalogPage<SkyObjectRecord>>;
  /** An object with its detections in order of time. @throws catalog/object-not-found */
  getObject(id: string): Promise<{
    readonly object: SkyObjectRecord;
    readonly detections: readonly CatalogDetection[];
  }>;
  /** @throws catalog/unknown-column */
  countBins(table: CatalogTable, filter: RowFilter, axis: AxisRequest, by: string): Promise<BinCounts>;
  /** @param mostPoints rows up to which each is told. @throws catalog/unknown-column */
  countCells(
    table: CatalogTable,
    filter: RowFilter,
    x: AxisRequest,
    y: AxisRequest,
    mostPoints: number,
  ): Promise<CellCounts>;
  /** Read all detections that pass, some at a time, as they are when they are read. @throws catalog/unknown-column */
  readDetections(filter: RowFilter): AsyncIterable<readonly CatalogDetection[]>;
  /** Read all objects that pass, some at a time. @throws catalog/unknown-column */
  readObjects(filter: RowFilter): AsyncIterable<readonly SkyObjectRecord[]>;
  /** Read all labels that were not taken back, oldest first, some at a time. */
  readLabels(): AsyncIterable<readonly CatalogLabel[]>;
  /** Scores of all labelled candidates, those of superseded detections left out. */
  listLabelledScores(): Promise<readonly LabelledScore[]>;
  /** Depths of the newest images that have one, newest first. */
  listDepths(limit: number): Promise<readonly ImageDepth[]>;
  /** Associate the runs that were persisted before there were objects. @returns how many there were */
  associateRemaining(signal?: AbortSignal): Promise<number>;
  /** Bring the columns into memory before the first question; once it is stopped, nothing may be asked any more. */
  warm(signal?: AbortSignal): Promise<void>;
}

/** What a sky object is called. */
export interface ObjectName {
  readonly id: string;
  /** After its first place; never changed. */
  readonly name: string;
  /** By people; all workstations of a project are told. */
  readonly givenName?: string | undefined;
}

/** What a service said of moving objects over images; asked once, there without a network. */
export interface MovingObjectStore {
  /** Nothing, where nobody has asked. */
  get(runId: string): Promise<MovingObjects | undefined>;
  /** Instead of what was kept before. */
  keep(runId: string, found: MovingObjects): Promise<void>;
}

/** Names that people give to sky objects. */
export interface ObjectNames {
  /** Objects that bear one, by name. */
  list(limit: number): Promise<readonly (ObjectName & { readonly raDeg: number; readonly decDeg: number })[]>;
  /** @throws catalog/object-not-found */
  get(id: string): Promise<ObjectName>;
  /** Call an object so, or nothing in particular; it ends what people disagreed on. @throws catalog/object-not-found */
  give(id: string, givenName: string | undefined): Promise<ObjectName>;
}
