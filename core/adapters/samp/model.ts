import type { SampMap } from './xml-rpc.ts';

/** A message: what it is about, and its parameters. */
export interface SampMessage {
  readonly mtype: string;
  readonly params: SampMap;
}

/** Another program at the hub. */
export interface SampPeer {
  readonly id: string;
  readonly name: string;
  /** Messages it listens to; may end in `*`. */
  readonly mtypes: readonly string[];
}

/** A message that has come, and from whom. */
export interface ReceivedMessage extends SampMessage {
  readonly senderId: string;
  readonly senderName: string;
}

/** What a program does with messages that come. */
export interface SampListener {
  /** @throws what the sender is told of a message that cannot be used */
  receive(message: ReceivedMessage): Promise<void> | void;
  /** The hub has gone, or has put us out. */
  end(): void;
  /** Somebody came or went, or listens to other messages than before. */
  change(): void;
}

/** Whether a program that listens to these wants a message. */
export function wants(mtypes: readonly string[], mtype: string): boolean {
  return mtypes.some((one) =>
    one === '*' ? true : one.endsWith('.*') ? mtype.startsWith(one.slice(0, -1)) : one === mtype,
  );
}
