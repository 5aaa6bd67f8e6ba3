import { useEffect, useMemo, useState } from 'react';
import type { Field, FieldStars } from '../../core/api/contract/index.ts';
import { useFieldStars } from '../api/field-stars.ts';
import { useReceivedTables } from '../api/samp.ts';
import { useMask } from '../api/use-mask.ts';
import { type Marker, makePixelFinder } from '../viewer/index.ts';
import { describeStar, placeOnImage, useLayers } from './layers.ts';

/** What the layers of a field hold, for the list of them. */
export interface FieldLayers {
  /** Whether the image has a place on the sky. */
  readonly hasSky: boolean;
  readonly stars: readonly { readonly name: string; readonly count: number; readonly isCut: boolean }[];
  readonly areStarsLoading: boolean;
  readonly hasMask: boolean;
  /** Pixels with each bit, once the mask is read. */
  readonly maskCounts: readonly number[] | undefined;
  readonly failure: unknown;
  readonly tables: readonly { readonly id: string; readonly name: string; readonly count: number }[];
}

const NO_STARS: readonly FieldStars[] = [];

/** Bring the layers of a field onto its images, and tell what there is. */
export function useFieldLayers(runId: string, field: Field | undefined): FieldLayers {
  const { hasStars, maskBits, tables: shownTables, hasMenu } = useLayers();
  const sky = field?.sky;
  const width = field?.run.science?.width ?? 0;
  const height = field?.run.science?.height ?? 0;
  const stars = useFieldStars(runId, hasStars && sky !== undefined);
  // The list tells how many pixels each bit has: it needs the mask too.
  const mask = useMask(field, maskBits !== 0 || hasMenu);
  const received = useReceivedTables();
  const findPixel = useMemo(() => sky && makePixelFinder(sky), [sky]);
  const catalogs = stars.data ?? NO_STARS;

  const starLists = usePlaced(catalogs, findPixel, width, height, 'star', STAR_LOOK);
  const tableLists = usePlaced(received, findPixel, width, height, 'table', TABLE_LOOK);
  const lists = useMemo((): readonly (readonly Marker[])[] => {
    const tables = tableLists.filter((_, n) => shownTables.includes(received[n]?.id ?? ''));
    return [...(hasStars ? starLists : []), ...tables];
  }, [hasStars, starLists, tableLists, shownTables, received]);

  useEffect(() => {
    useLayers.setState({ lists, mask: mask.data });
  }, [lists, mask.data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was chosen belongs to a field
  useEffect(() => useLayers.setState({ chosen: undefined }), [runId]);
  useEffect(
    () => () => useLayers.setState({ lists: [], mask: undefined, chosen: undefined, hasMenu: false }),
    [],
  );
  // A click only finds a marker: what it stands for is known here.
  useEffect(
    () =>
      useLayers.subscribe(({ chosen }, before) => {
        if (chosen === undefined || chosen === before.chosen || chosen.text !== '') return;
        const [kind, list, row] = chosen.marker.id.split('/');
        const catalog = catalogs[Number(list)];
        const table = received[Number(list)];
        const text =
          kind === 'star' && catalog
            ? describeStar(catalog, Number(row))
            : table
              ? `row ${Number(row) + 1} of ${table.name}, from ${table.from}`
              : chosen.marker.id;
        useLayers.setState({ chosen: { ...chosen, text } });
      }),
    [catalogs, received],
  );
  return {
    hasSky: sky !== undefined,
    stars: catalogs.map(({ name, isCut }, n) => ({ name, isCut, count: starLists[n]?.length ?? 0 })),
    areStarsLoading: stars.isLoading,
    hasMask: mask.isThere,
    maskCounts: mask.data?.counts,
    failure: stars.error ?? mask.error ?? undefined,
    tables: received.map(({ id, name }, n) => ({ id, name, count: tableLists[n]?.length ?? 0 })),
  };
}

const STAR_LOOK = { shape: 'strokes', tone: 'accent' } as const;
const TABLE_LOOK = { shape: 'square', tone: 'ok' } as const;

/** Lists of places as lists of markers; none until all are placed. */
function usePlaced(
  lists: readonly Parameters<typeof placeOnImage>[0][],
  findPixel: Parameters<typeof placeOnImage>[1] | undefined,
  width: number,
  height: number,
  kind: 'star' | 'table',
  look: Pick<Marker, 'shape' | 'tone'>,
): readonly (readonly Marker[])[] {
  const [placed, setPlaced] = useState<readonly (readonly Marker[])[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    setPlaced([]);
    if (findPixel === undefined || lists.length === 0) return;
    Promise.all(
      lists.map((list, n) =>
        placeOnImage(list, findPixel, { width, height }, `${kind}/${n}/`, look, stop.signal),
      ),
    ).then(setPlaced, (error: unknown) => {
      if (!stop.signal.aborted) throw error;
    });
    return () => stop.abort();
  }, [lists, findPixel, width, height, kind, look]);
  return placed;
}
