import type { Page, PageRequest } from '../../utils/index.ts';
import type { Change, ChangeableEntity, FieldState, PushAnswer, SharedChange } from './model.ts';
import type { SharedRawFile } from './shared-rows.ts';

/** The catalogue that workstations share, as one member sees one project of it. */
export interface SharedCatalogue {
  /**
   * Send changes; each is stored once, however often it is sent.
   *
   * @returns what became of each, in their order.
   * @throws sync/unreachable, sync/not-a-member, sync/program-too-old
   */
  push(changes: readonly Change[]): Promise<readonly PushAnswer[]>;
  /**
   * Fetch what follows a number, oldest first; none is ever skipped, also not one committed late.
   *
   * @throws sync/unreachable, sync/not-a-member
   */
  pull(afterSeq: number, limit: number): Promise<readonly SharedChange[]>;
}

/** What a workstation has to send and to receive. */
export interface ChangeLog {
  /** The oldest changes that were not sent, in the order in which they were made. */
  listOutgoing(limit: number): Promise<readonly Change[]>;
  /** Note what became of changes that were sent; what was refused is put aside with its reason. */
  settle(answers: readonly PushAnswer[]): Promise<void>;
  /** Number of the newest change received. */
  cursor(): Promise<number>;
  /**
   * Take changes in and move the cursor, in one transaction; what is known already changes nothing.
   *
   * @param from the cursor they were asked after: where it has moved since, nothing is taken in.
   */
  receive(from: number, changes: readonly SharedChange[]): Promise<void>;
  /** Take in what could not be taken in when it came. */
  receiveWaiting(): Promise<void>;
}

/** How far the exchange is. */
export interface SyncStatus {
  readonly toSend: number;
  /** Put aside: the catalogue refused them. */
  readonly refused: number;
  /** Received, and of a kind or a run that is not known here yet. */
  readonly held: number;
  readonly conflicts: number;
  readonly cursor: number;
  /** Changes that went either way since the project was connected. */
  readonly sent: number;
  readonly received: number;
  readonly lastExchangeAt?: string | undefined;
}

/** A shared field whose heads say different things. */
export interface FieldConflict extends FieldState {
  readonly entity: ChangeableEntity;
  readonly key: string;
  readonly field: string;
}

/** A change that the catalogue refused, and why. */
export interface RefusedChange {
  readonly changeId: string;
  readonly entity: string;
  readonly key: string;
  readonly at: string;
  readonly code: string;
  readonly reason: string;
  /** Absent where its row is gone. */
  readonly change?: Change | undefined;
}

/** All that a workspace keeps of sharing. */
export interface ChangeStore extends ChangeLog {
  /** Note that an exchange came to its end. */
  noteExchange(): Promise<void>;
  status(): Promise<SyncStatus>;
  /** How many things wait to be sent, by kind: one that was changed in many ways is one. */
  countOutgoing(): Promise<readonly { readonly entity: string; readonly count: number }[]>;
  /** By name. @throws sync/bad-cursor */
  listConflicts(query: PageRequest): Promise<Page<FieldConflict>>;
  /**
   * Settle a conflict with one of its values; the answer is itself a change that others are told of.
   *
   * @throws sync/conflict-not-found
   */
  resolve(
    name: { readonly entity: ChangeableEntity; readonly key: string; readonly field: string },
    versionId: string,
  ): Promise<void>;
  /** Oldest first. @throws sync/bad-cursor */
  listRefused(query: PageRequest): Promise<Page<RefusedChange>>;
  /** Let refused changes be sent again. @returns how many */
  retryRefused(): Promise<number>;
  /** Forget how far the exchange with the last project was: everything is sent and fetched again. */
  startOver(): Promise<void>;
}

/** Triplets that go to, and come from, the bucket that workstations share. */
export interface CutoutMirror {
  countToSend(): Promise<number>;
  /** Those that others were told of and the bucket does not have, after one of them. */
  listToSend(
    limit: number,
    after: string,
  ): Promise<readonly { readonly sha256: string; readonly bytes: Uint8Array }[]>;
  noteSent(addresses: readonly string[]): Promise<void>;
  countToFetch(): Promise<number>;
  /** Addresses of pixels that are not here, after one of them. */
  listToFetch(limit: number, after: string): Promise<readonly { readonly sha256: string }[]>;
  store(fetched: readonly { readonly sha256: string; readonly bytes: Uint8Array }[]): Promise<void>;
  /** Whether it is known of and not here. */
  isAway(sha256: string): Promise<boolean>;
  /** Forget what a bucket has: another one is used. */
  startOver(): Promise<void>;
}

/** A bucket of blobs, as far as triplets need it. */
export interface SharedBucket {
  /** @returns whether anything was sent. @throws storage/unreachable */
  send(sha256: string, bytes: Uint8Array): Promise<boolean>;
  /** @returns `undefined` where the bucket does not have it yet. @throws storage/unreachable, storage/corrupted */
  fetch(sha256: string): Promise<Uint8Array | undefined>;
}

/** What became of the wish to see a run's images elsewhere. */
export type MirrorAnswer =
  /** They are this workstation's, and go to the bucket with the next exchange. */
  | 'sending'
  /** They are on their way already, or there. */
  | 'shared'
  /** They are another workstation's, which is asked for them. */
  | 'asked';

/** Account of the blobs that go to, and come from, the bucket beside triplets. */
export interface BlobLedger {
  /**
   * Have the images of a run mirrored: those made here are told of, of those made elsewhere their workstation is asked.
   *
   * @throws pipeline/run-not-found, sync/no-images
   */
  mirrorRun(runId: string): Promise<MirrorAnswer>;
  /** Have mirrored what others asked for, what changed since it was told of, and where `all` says so every run. */
  mirrorWanted(all: boolean): Promise<void>;
  /** Keep the images of a run here, whatever the limit, or no longer. @throws pipeline/run-not-found */
  keepRun(runId: string, isKept: boolean): Promise<void>;
  countToSend(): Promise<{ readonly count: number; readonly bytes: number }>;
  /** Those that others were told of and the bucket does not have, after one of them. */
  listToSend(
    limit: number,
    after: string,
  ): Promise<readonly { readonly sha256: string; readonly bytes: number }[]>;
  /** Note that the bucket was seen to hold blobs whole. */
  noteMirrored(addresses: readonly string[]): Promise<void>;
  /** Note that it was seen not to hold one: it is sent again. */
  noteLost(sha256: string): Promise<void>;
  noteUsed(uses: ReadonlyMap<string, string>): Promise<void>;
  /** Which of some blobs workstations share: all others lie here. */
  listShared(addresses: readonly string[]): Promise<readonly string[]>;
  /** Size of a blob that others told of, bytes. */
  size(sha256: string): Promise<number | undefined>;
  /** Those that the bucket was seen to hold, after one of them; whether they lie here the disk knows. */
  listMirrored(
    limit: number,
    after: string,
  ): Promise<
    readonly {
      readonly sha256: string;
      readonly bytes: number;
      readonly usedAt: string;
      readonly isKept: boolean;
    }[]
  >;
  /** Forget what a bucket has: another one is used. */
  startOver(): Promise<void>;
}

/** A bucket of blobs, as far as files need it. */
export interface BlobBucket {
  /** Send the file of a blob. @returns whether anything was sent. @throws storage/unreachable, storage/corrupted */
  send(sha256: string): Promise<boolean>;
}

/** Account of raw files that go to the bucket, or came from there. */
export interface RawFileLedger {
  /** Runs of this workstation whose images others were told of, and whose files they were not. */
  listToTell(): Promise<
    readonly { readonly runId: string; readonly science: string; readonly template: string }[]
  >;
  tell(runId: string, files: readonly (SharedRawFile & { readonly path: string })[]): Promise<void>;
  /** Those of a run that are in the bucket, or on their way. */
  list(runId: string): Promise<readonly SharedRawFile[]>;
  /** Where a file of this workstation lies. */
  pathOf(sha256: string): Promise<string | undefined>;
}
