/** The screens there are. */
export const SCREENS = [
  'queue',
  'field',
  'difference',
  'label',
  'jobs',
  'models',
  'sync',
  'settings',
] as const;
export type Screen = (typeof SCREENS)[number];

/** Where the person is. */
export interface Place {
  readonly screen: Screen;
  /** The run that Field and Labelling show; the newest one with candidates when none was chosen. */
  readonly runId?: string | undefined;
  /** The candidate that is chosen there. */
  readonly candidateId?: string | undefined;
}

/** Read a place from the address: `#/field/<run>/<candidate>`. */
export function parsePlace(hash: string): Place {
  const [name, runId, candidateId] = hash.replace(/^#\/?/, '').split('/');
  const screen = SCREENS.find((known) => known === name) ?? 'queue';
  return { screen, runId: runId || undefined, candidateId: candidateId || undefined };
}

/** Write a place as an address: the inverse of `parsePlace`. */
export function formatPlace({ screen, runId, candidateId }: Place): string {
  return `#/${[screen, runId, runId && candidateId].filter((part) => part !== undefined).join('/')}`;
}
