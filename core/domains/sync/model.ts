/** A value that survives JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** What is only ever added to: two workstations cannot disagree on it. */
export const APPENDED = ['curation-event', 'run', 'detection', 'review', 'taxonomy'] as const;
/** What has fields that people change. */
export const CHANGEABLE = ['curator', 'filter', 'setting', 'sky-object', 'run', 'detection'] as const;

export type AppendedEntity = (typeof APPENDED)[number];
export type ChangeableEntity = (typeof CHANGEABLE)[number];

/** What every change says: which one, and its place in the order of all workstations. */
interface ChangeBase {
  /** UUIDv7, made with the change: sent twice, it is one. */
  readonly id: string;
  /** Which one of its kind. */
  readonly key: string;
  /** A stamp of the hybrid logical clock. */
  readonly clock: string;
}

/** A row that was added, and will never be another. */
export interface AppendChange extends ChangeBase {
  readonly kind: 'append';
  readonly entity: AppendedEntity;
  readonly value: Json;
}

/** A field that was given a value. */
export interface SetChange extends ChangeBase {
  readonly kind: 'set';
  readonly entity: ChangeableEntity;
  readonly field: string;
  readonly value: Json;
  /** Ids of the changes this one replaces: those its author saw. */
  readonly basedOn: readonly string[];
}

/** A row-level edit that all workstations of a project are told of. */
export type Change = AppendChange | SetChange;

/** A change as the shared catalogue keeps it. */
export type SharedChange = Change & {
  /** Its number in the project: 1, 2, 3 ..., in the order in which they were committed. */
  readonly seq: number;
  /** Login that sent it, by the catalogue's own knowledge. */
  readonly author: string;
};

/** What became of a change that was sent. */
export type PushAnswer =
  | {
      readonly id: string;
      readonly status: 'stored' | 'known';
      readonly seq: number;
      /** The stamp it has from now on: another than ours where our clock runs ahead. */
      readonly clock: string;
      readonly author: string;
    }
  | { readonly id: string; readonly status: 'refused'; readonly code: string; readonly reason: string };

/** One value that a field was given. */
export interface FieldVersion {
  readonly id: string;
  readonly value: Json;
  readonly clock: string;
  readonly basedOn: readonly string[];
  /** Absent while the catalogue has not had it. */
  readonly author?: string | undefined;
}

/** What a field is after all its versions. */
export interface FieldState {
  readonly current: FieldVersion;
  /** Values given by people who did not know of the current one, newest first; equal values are no conflict. */
  readonly losers: readonly FieldVersion[];
}
