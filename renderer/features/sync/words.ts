import { formatCount } from '../../ui/format.ts';

/** What is shared, as people call one of it and many. */
const SHARED: Readonly<Record<string, readonly [one: string, many: string]>> = {
  'curation-event': ['label or remark', 'labels and remarks'],
  run: ['field', 'fields'],
  detection: ['candidate', 'candidates'],
  review: ['decision on a field', 'decisions on fields'],
  taxonomy: ['taxonomy', 'taxonomies'],
  curator: ['profile', 'profiles'],
  filter: ['filter', 'filters'],
  setting: ['rule', 'rules'],
  'sky-object': ['name of an object', 'names of objects'],
};

/** Kinds of what people did to candidates, as they lie on disk. */
const EVENTS: Readonly<Record<string, string>> = {
  label: 'labels given',
  retraction: 'labels taken back',
  comment: 'comments',
  flag: 'flags set and taken away',
  reveal: 'scores looked at',
  adjudication: 'last words',
};

/** Say what one thing that is shared is called: a newer program may have sent one that this one has no word for. */
export function nameShared(entity: string): string {
  return SHARED[entity]?.[0] ?? entity.replaceAll('-', ' ');
}

/** Say how many of something are shared: `1 profile`, `4 fields`. */
export function countShared(entity: string, count: number): string {
  return `${formatCount(count)} ${(count === 1 ? undefined : SHARED[entity]?.[1]) ?? nameShared(entity)}`;
}

/** Say what people did to candidates, labels first. */
export function listEvents(
  counts: readonly { readonly kind: string; readonly count: number }[],
): readonly { readonly name: string; readonly count: number }[] {
  const order = Object.keys(EVENTS);
  const rankOf = (kind: string): number => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return counts
    .toSorted((a, b) => rankOf(a.kind) - rankOf(b.kind))
    .map(({ kind, count }) => ({ name: EVENTS[kind] ?? kind, count }));
}
