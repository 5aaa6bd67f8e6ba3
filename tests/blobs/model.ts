import type { BucketAddress, BucketTuning } from '../../core/adapters/storage/index.ts';

/** What the process that sends is told. */
export interface SenderSetup {
  /** The workspace, whose ledger says what is to be sent. */
  readonly folder: string;
  readonly address: BucketAddress;
  readonly tuning: BucketTuning;
  readonly bytesPerSecond?: number | undefined;
  /** It ends itself as by `kill -9` after so many, in the middle of others; never by default. */
  readonly killAfter?: number | undefined;
  /** Which blob is which, and how long. */
  readonly blobs: string;
}

/** What it tells. */
export type SenderNews =
  | { readonly kind: 'progress'; readonly done: number; readonly rssMb: number }
  | {
      readonly kind: 'end';
      readonly sent: number;
      readonly known: number;
      readonly damaged: number;
      readonly rssMb: number;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** What the server is told, and what it tells. */
export interface ServerSetup {
  readonly folder: string;
  readonly failShare: number;
  readonly slowMs: number;
  readonly minPartBytes: number;
  readonly seed: number;
}

/** What the server tells of itself. */
export interface ServerNews {
  readonly endpoint: string;
  readonly requests: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly written: number;
}
