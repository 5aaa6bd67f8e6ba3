import type { Change, PushAnswer, SharedChange } from './model.ts';

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
}
