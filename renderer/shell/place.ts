/** The screens there are. */
export const SCREENS = [
  'queue',
  'field',
  'difference',
  'label',
  'catalog',
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
  /** The part of the screen: a section of the settings, an object of the catalogue. */
  readonly part?: string | undefined;
  /** The FITS file that Field shows instead of a run. */
  readonly imagePath?: string | undefined;
}

/** Read a place from the address: `#/field/<run>/<candidate>?<part>`, or `#/field/image/<path>`. */
export function parsePlace(hash: string): Place {
  const [path = '', part] = hash.replace(/^#\/?/, '').split('?');
  const [name, runId, candidateId] = path.split('/');
  const screen = SCREENS.find((known) => known === name) ?? 'queue';
  if (screen === 'field' && runId === 'image' && candidateId)
    return { screen, imagePath: decodeURIComponent(candidateId) };
  return {
    screen,
    runId: runId || undefined,
    candidateId: candidateId || undefined,
    part: part || undefined,
  };
}

/** Write a place as an address: the inverse of `parsePlace`. */
export function formatPlace({ screen, runId, candidateId, part, imagePath }: Place): string {
  if (screen === 'field' && imagePath !== undefined) return `#/field/image/${encodeURIComponent(imagePath)}`;
  const path = [screen, runId, runId && candidateId].filter((step) => step !== undefined).join('/');
  return `#/${path}${part === undefined ? '' : `?${part}`}`;
}
