/** Passwords and keys by name: never in the database, the log, or what is synced. */
export interface SecretStore {
  /** Where they are kept, in words for people. */
  readonly kind: string;
  /** @throws sync/secrets-locked where they cannot be opened */
  get(name: string): Promise<string | undefined>;
  /** @throws sync/secrets-locked, sync/secrets-read-only */
  set(name: string, value: string | undefined): Promise<void>;
}
