import { create } from 'zustand';
import type { Candidate, FieldStars, MovingObject } from '../../core/api/contract/index.ts';
import { findMarker, type Marker, type MaskSource, type Point } from '../viewer/index.ts';

/** What lies over the images beside what the screen itself marks, and what of it is on. */
export interface Layers {
  readonly hasMenu: boolean;
  readonly hasStars: boolean;
  readonly hasVetoed: boolean;
  readonly hasMovers: boolean;
  /** Bits of the mask that tint the images. */
  readonly maskBits: number;
  /** Tables that other programs sent and that are shown, by their id. */
  readonly tables: readonly string[];
  /** What is drawn now; made by `useFieldLayers`. */
  readonly lists: readonly (readonly Marker[])[];
  readonly mask: MaskSource | undefined;
  /** What was said of the marker that was clicked last. */
  readonly chosen:
    | { readonly marker: Marker; readonly list: readonly [Marker]; readonly text: string }
    | undefined;
}

const NO_LISTS: readonly (readonly Marker[])[] = [];

export const useLayers = create<Layers>(() => ({
  hasMenu: false,
  hasStars: false,
  hasVetoed: false,
  hasMovers: false,
  maskBits: 0,
  tables: [],
  lists: NO_LISTS,
  mask: undefined,
  chosen: undefined,
}));

/** Switch one bit of the mask on or off. */
export function toggleMaskBit(bit: number): void {
  useLayers.setState(({ maskBits }) => ({ maskBits: maskBits ^ (1 << bit) }));
}

/** Show a table that another program sent, or hide it. */
export function toggleTable(id: string): void {
  useLayers.setState(({ tables }) => ({
    tables: tables.includes(id) ? tables.filter((one) => one !== id) : [...tables, id],
  }));
}

/** Rows placed between two breaths of the window: about 20 ms. */
const ROWS_AT_ONCE = 2000;

/**
 * Place the rows of a list on the sky over an image; rows that lie outside it have no marker.
 *
 * A hundred thousand take a second: the window stays awake meanwhile.
 */
export async function placeOnImage(
  places: { readonly raDeg: readonly (number | null)[]; readonly decDeg: readonly (number | null)[] },
  findPixel: (raDeg: number, decDeg: number) => Point | undefined,
  size: { readonly width: number; readonly height: number },
  prefix: string,
  look: Pick<Marker, 'shape' | 'tone'>,
  signal?: AbortSignal,
): Promise<readonly Marker[]> {
  const markers: Marker[] = [];
  for (let row = 0; row < places.raDeg.length; row++) {
    if (row > 0 && row % ROWS_AT_ONCE === 0) {
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
    }
    const [raDeg, decDeg] = [places.raDeg[row], places.decDeg[row]];
    if (typeof raDeg !== 'number' || typeof decDeg !== 'number') continue;
    const at = findPixel(raDeg, decDeg);
    if (at === undefined || at.x < -0.5 || at.y < -0.5) continue;
    if (at.x > size.width - 0.5 || at.y > size.height - 0.5) continue;
    markers.push({ id: `${prefix}${row}`, x: at.x, y: at.y, ...look, isSelected: false });
  }
  return markers;
}

/** Say of a star what its catalogue does: name, identifier, magnitude. */
export function describeStar(catalog: FieldStars, row: number): string {
  const mag = catalog.mag[row];
  const light = mag === null || mag === undefined ? '' : ` ${catalog.band} ${mag.toFixed(2)}`;
  return `${catalog.name} ${catalog.ids[row]}${light}`;
}

/** Say of a known body what a person wants to know: which, how bright, how fast, how well its place is known. */
export function describeMover({
  name,
  number,
  kind,
  mag,
  errArcsec,
  raRateArcsecPerHour = 0,
  decRateArcsecPerHour = 0,
}: MovingObject): string {
  const rate = Math.hypot(raRateArcsecPerHour, decRateArcsecPerHour);
  return [
    number === undefined ? name : `(${number}) ${name}`,
    kind,
    mag === undefined ? undefined : `V ${mag.toFixed(1)}`,
    rate === 0 ? undefined : `${rate.toFixed(1)}″/h`,
    errArcsec === undefined ? undefined : `± ${errArcsec.toFixed(2)}″`,
  ]
    .filter((part) => part)
    .join('  ');
}

/** Say why a detection is no candidate. */
export function describeVetoed({ snr, vetoes }: Pick<Candidate, 'snr' | 'vetoes'>): string {
  return `vetoed, S/N ${snr.toFixed(1)}: ${vetoes.map(({ reason }) => reason).join('; ')}`;
}

/** Light a marker up, as if its row had been chosen; none takes the light away. */
export function chooseInLayers(marker: Marker | undefined): void {
  useLayers.setState({
    chosen: marker && { marker, list: [{ ...marker, isSelected: true }], text: '' },
  });
}

/** The marker of all layers that is nearest to a place. */
export function findInLayers(place: Point, reach: number): Marker | undefined {
  const nearest = useLayers.getState().lists.flatMap((list) => findMarker(list, place, reach) ?? []);
  return findMarker(nearest, place, reach);
}
