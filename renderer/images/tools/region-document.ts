import {
  type ImagePoint,
  makeShape,
  parseRegions,
  placeShape,
  propertyOf,
  REGION_FILE_HEAD,
  type RegionFrame,
  type RegionGeometry,
  type RegionProperty,
  type RegionShape,
  type ShapeDress,
  type SkyNotation,
  writeRegions,
} from '../../../core/api/contract/index.ts';

/** A shape on the images. */
export interface Region {
  readonly kind: 'region';
  readonly id: string;
  readonly geometry: RegionGeometry;
  readonly dress: ShapeDress;
  /** How it stood in the file it came from: written so again until it is changed. */
  readonly origin?: { readonly text: string; readonly shape: RegionShape; readonly geometry: RegionGeometry };
  /** What a `global` line before it said. */
  readonly defaults?: readonly RegionProperty[] | undefined;
}

/** A statement that is kept as it came: a comment, a `global` line, a shape without a place here. */
export interface KeptLine {
  readonly kind: 'kept';
  readonly id: string;
  readonly text: string;
  readonly system?: string | undefined;
  /** Why it is not drawn; absent for what is never drawn. */
  readonly problem?: string | undefined;
}

export type RegionEntry = Region | KeptLine;

/** Everything of one field that a region file holds, and what is chosen. */
export interface RegionDocument {
  readonly entries: readonly RegionEntry[];
  readonly selectedId: string | undefined;
}

export const EMPTY_DOCUMENT: RegionDocument = { entries: [], selectedId: undefined };

/** A document with everything that was done to it. */
export interface RegionHistory {
  readonly past: readonly RegionDocument[];
  readonly present: RegionDocument;
  readonly future: readonly RegionDocument[];
}

export const EMPTY_HISTORY: RegionHistory = { past: [], present: EMPTY_DOCUMENT, future: [] };

/** Do something that can be taken back. Choosing is not: it changes nothing that is kept. */
export function recordChange(history: RegionHistory, next: RegionDocument): RegionHistory {
  if (next.entries === history.present.entries) return { ...history, present: next };
  return { past: [...history.past, history.present], present: next, future: [] };
}

/** Take the last change back; nothing happens when there is none. */
export function undoChange({ past, present, future }: RegionHistory): RegionHistory {
  const last = past.at(-1);
  if (last === undefined) return { past, present, future };
  return { past: past.slice(0, -1), present: last, future: [present, ...future] };
}

/** Do again what was taken back. */
export function redoChange({ past, present, future }: RegionHistory): RegionHistory {
  const [next, ...rest] = future;
  return next === undefined
    ? { past, present, future }
    : { past: [...past, present], present: next, future: rest };
}

/** The regions of a document. */
export function regionsOf(document: RegionDocument): readonly Region[] {
  return document.entries.filter((entry) => entry.kind === 'region');
}

/** The region that is chosen. */
export function selectedOf({ entries, selectedId }: RegionDocument): Region | undefined {
  const found = selectedId === undefined ? undefined : entries.find(({ id }) => id === selectedId);
  return found?.kind === 'region' ? found : undefined;
}

/** Change one region. */
export function changeRegion(
  document: RegionDocument,
  id: string,
  change: Partial<Pick<Region, 'geometry' | 'dress'>>,
): RegionDocument {
  const entries = document.entries.map((entry) =>
    entry.id === id ? ({ ...entry, ...change } as RegionEntry) : entry,
  );
  return { ...document, entries };
}

/** Put a region at the end and choose it. */
export function addRegion(document: RegionDocument, region: Region): RegionDocument {
  return { entries: [...document.entries, region], selectedId: region.id };
}

/** Remove a region; the one before it is chosen. */
export function removeRegion(document: RegionDocument, id: string): RegionDocument {
  return { entries: document.entries.filter((entry) => entry.id !== id), selectedId: undefined };
}

/** Give a property another value, or take it away. */
export function setProperty(dress: ShapeDress, key: string, value: string | undefined): ShapeDress {
  const rest = (dress.properties ?? []).filter((property) => property.key !== key);
  return { ...dress, properties: value === undefined ? rest : [...rest, { key, value }] };
}

/** Make a region a source or background, as DS9 tells them apart by bare words. */
export function setRole(dress: ShapeDress, role: 'source' | 'background'): ShapeDress {
  const rest = (dress.properties ?? []).filter(({ key }) => key !== 'source' && key !== 'background');
  return { ...dress, properties: [...rest, { key: role }] };
}

/** The value of a property of a region, or what a `global` line says. */
export function propertyOfRegion({ dress, defaults = [] }: Region, key: string): string | undefined {
  return propertyOf(dress.properties ?? [], key) ?? propertyOf(defaults, key);
}

/**
 * Read a region file onto an image.
 *
 * @param newId makes names for the entries.
 * @returns everything in it, and how many shapes have no place here.
 */
export function importRegions(
  text: string,
  frame: RegionFrame,
  newId: () => string,
): { readonly entries: readonly RegionEntry[]; readonly placed: number; readonly unplaced: number } {
  const entries: RegionEntry[] = [];
  let defaults: readonly RegionProperty[] = [];
  let system: string | undefined;
  let [placed, unplaced] = [0, 0];
  const keep = (kept: Omit<KeptLine, 'kind' | 'id'>): void =>
    void entries.push({ kind: 'kept', id: newId(), ...kept });
  for (const line of parseRegions(text)) {
    const written = line.text.trim();
    switch (line.kind) {
      case 'blank':
        break;
      case 'comment':
        if (written !== REGION_FILE_HEAD) keep({ text: written });
        break;
      case 'global':
        defaults = [...defaults, ...line.properties];
        keep({ text: written });
        break;
      case 'system':
        system = line.system;
        break;
      case 'unknown':
        unplaced++;
        keep({ text: written, system, problem: line.problem });
        break;
      case 'shape': {
        const { shape } = line;
        const geometry = placeShape(shape, frame);
        if (geometry === undefined) {
          if (shape.name !== 'composite') unplaced++;
          const problem =
            shape.name === 'composite' ? undefined : `no place for “${shape.system}” on this image`;
          keep({ text: written, system: shape.system, problem });
          break;
        }
        placed++;
        const { isExcluded, properties, join } = shape;
        entries.push({
          kind: 'region',
          id: newId(),
          geometry,
          dress: { isExcluded, properties, join },
          origin: { text: written, shape, geometry },
          defaults,
        });
      }
    }
  }
  return { entries, placed, unplaced };
}

/** In which coordinates regions are written: those they came in, or one system for all. */
export type RegionSystem = 'as-read' | 'image' | 'physical' | 'icrs' | 'fk5' | 'galactic';

/**
 * Write a document as a region file.
 *
 * A region that is as it was read is written as it was read when its system is wanted; others are written anew.
 */
export function exportRegions(
  document: RegionDocument,
  frame: RegionFrame,
  system: RegionSystem,
  notation: SkyNotation = 'degrees',
): string {
  return writeRegions(
    document.entries.map((entry) => {
      if (entry.kind === 'kept') return { kept: entry.text, system: entry.system };
      const { origin, geometry, dress } = entry;
      const own = origin?.shape.system ?? (frame.sky === undefined ? 'image' : 'icrs');
      const wanted = system === 'as-read' ? own : system;
      if (origin?.geometry === geometry && origin.shape.system === wanted && isAsRead(dress, origin.shape))
        return { kept: origin.text, system: wanted };
      return (
        makeShape(geometry, wanted, frame, dress, notation) ??
        makeShape(geometry, 'image', frame, dress, notation)!
      );
    }),
  );
}

function isAsRead(dress: ShapeDress, shape: RegionShape): boolean {
  return dress.properties === shape.properties && dress.isExcluded === shape.isExcluded;
}

/** Write a place with one decimal, counted from one. */
export function describePixel({ x, y }: ImagePoint): string {
  return `${(x + 1).toFixed(1)}, ${(y + 1).toFixed(1)}`;
}
