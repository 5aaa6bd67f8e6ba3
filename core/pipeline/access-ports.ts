import type { Instant, Page, PageRequest } from './ports.ts';

/** What a key lets one do, the least first. */
export type AccessRole = 'viewer' | 'labeller' | 'operator' | 'admin';

/** A key of a program, without what opens it. */
export interface KeyRecord {
  /** The part of the key that is no secret. */
  readonly id: string;
  readonly name: string;
  readonly role: AccessRole;
  /** Absent: all that the role may. */
  readonly scopes?: readonly string[] | undefined;
  /** Whom its labels are signed by. */
  readonly curatorId: string;
  readonly createdAt: Instant;
  /** The principal that made it. */
  readonly createdBy: string;
  readonly expiresAt: Instant;
  readonly revokedAt?: Instant | undefined;
  readonly lastUsedAt?: Instant | undefined;
}

/** A key as it is kept. */
export interface KeptKey extends KeyRecord {
  /** argon2id, with its salt and cost. */
  readonly secretHash: string;
}

/** Keys of programs; they are revoked, never changed or removed. */
export interface KeyRepository {
  /** Newest first. */
  list(): Promise<readonly KeptKey[]>;
  add(key: KeptKey): Promise<void>;
  /** A second time answers as the first. @throws api/key-not-found */
  revoke(id: string): Promise<KeyRecord>;
  /** Keep when keys were last used. */
  touch(uses: ReadonlyMap<string, Instant>): Promise<void>;
}

/** One request that wrote, or was kept from writing. */
export interface AuditEntry {
  readonly at: Instant;
  readonly requestId: string;
  /** Id of the principal. */
  readonly principal: string;
  /** What it was called then. */
  readonly principalName: string;
  readonly method: string;
  readonly route: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
}

/** Who wrote what, in the order in which it was answered; nothing is ever taken out of it. */
export interface AuditLog {
  /** All of them, or none. */
  append(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. @throws api/bad-cursor */
  list(query: PageRequest & { readonly principal?: string | undefined }): Promise<Page<AuditEntry>>;
}
