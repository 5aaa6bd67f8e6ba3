import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import type { Candidate, Field, FieldStars, MovingObject } from '../../core/api/contract/index.ts';
import { useFieldStars } from '../api/field-stars.ts';
import { useMovingObjects } from '../api/moving-objects.ts';
import { vetoedOf } from '../api/reviews.ts';
import { useReceivedTables } from '../api/samp.ts';
import { useMask } from '../api/use-mask.ts';
import { type Marker, makePixelFinder } from '../viewer/index.ts';
import { describeMover, describeStar, describeVetoed, placeOnImage, useLayers } from './layers.ts';

/** What the layers of a field hold, for the list of them. */
export interface FieldLayers {
  /** Whether the image has a place on the sky. */
  readonly hasSky: boolean;
  readonly stars: readonly { readonly name: string; readonly count: number; readonly isCut: boolean }[];
  readonly areStarsLoading: boolean;
  /** Detections that a rule vetoed; absent where the screen marks them itself. */
  readonly vetoed: { readonly count: number | undefined } | undefined;
  readonly movers: MoverLayer;
  readonly hasMask: boolean;
  /** Pixels with each bit, once the mask is read. */
  readonly maskCounts: readonly number[] | undefined;
  readonly failure: unknown;
  readonly tables: readonly { readonly id: string; readonly name: string; readonly count: number }[];
}

/** What is known of moving objects over a field. */
export interface MoverLayer {
  /** When somebody asked; absent before. */
  readonly askedAt: string | undefined;
  readonly count: number;
  readonly isAsking: boolean;
  /** Whether the image says when it was taken. */
  readonly hasTime: boolean;
  /** Asks a service, over the network. */
  ask(): void;
}

const NO_STARS: readonly FieldStars[] = [];
const NO_VETOED: readonly Candidate[] = [];
const NO_MOVERS: readonly MovingObject[] = [];

/**
 * Bring the layers of a field onto its images, and tell what there is.
 *
 * @param marksVetoed whether the screen marks vetoed detections itself
 */
export function useFieldLayers(
  runId: string,
  field: Field | undefined,
  { marksVetoed = false }: { readonly marksVetoed?: boolean } = {},
): FieldLayers {
  const { hasStars, hasVetoed, hasMovers, maskBits, tables: shownTables, hasMenu } = useLayers();
  const sky = field?.sky;
  const width = field?.run.science?.width ?? 0;
  const height = field?.run.science?.height ?? 0;
  const stars = useFieldStars(runId, hasStars && sky !== undefined);
  // The list tells how many pixels each bit has: it needs the mask too.
  const mask = useMask(field, maskBits !== 0 || hasMenu);
  const received = useReceivedTables();
  const findPixel = useMemo(() => sky && makePixelFinder(sky), [sky]);
  const catalogs = stars.data ?? NO_STARS;
  const vetoedAnswer = useQuery({ ...vetoedOf(runId), enabled: !marksVetoed && (hasVetoed || hasMenu) });
  const vetoed = vetoedAnswer.data ?? NO_VETOED;
  const { known, ask } = useMovingObjects(runId, sky !== undefined && (hasMovers || hasMenu));
  const movers = known.data?.objects ?? NO_MOVERS;
  const moverPlaces = useMemo(
    () => [{ raDeg: movers.map(({ raDeg }) => raDeg), decDeg: movers.map(({ decDeg }) => decDeg) }],
    [movers],
  );
  const vetoedList = useMemo(
    () =>
      vetoed.map(
        ({ xPx, yPx }, n): Marker => ({
          id: `vetoed/0/${n}`,
          x: xPx,
          y: yPx,
          ...VETOED_LOOK,
          isSelected: false,
        }),
      ),
    [vetoed],
  );

  const starLists = usePlaced(catalogs, findPixel, width, height, 'star', STAR_LOOK);
  const tableLists = usePlaced(received, findPixel, width, height, 'table', TABLE_LOOK);
  const moverLists = usePlaced(moverPlaces, findPixel, width, height, 'mover', MOVER_LOOK);
  const lists = useMemo((): readonly (readonly Marker[])[] => {
    const tables = tableLists.filter((_, n) => shownTables.includes(received[n]?.id ?? ''));
    return [
      ...(hasStars ? starLists : []),
      ...(hasVetoed && !marksVetoed ? [vetoedList] : []),
      ...(hasMovers ? moverLists : []),
      ...tables,
    ];
  }, [
    hasStars,
    hasVetoed,
    hasMovers,
    marksVetoed,
    starLists,
    vetoedList,
    moverLists,
    tableLists,
    shownTables,
    received,
  ]);

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
        const [kind, list, at] = chosen.marker.id.split('/');
        const row = Number(at);
        const say = (): string | undefined => {
          if (kind === 'star') return describeStar(catalogs[Number(list)]!, row);
          if (kind === 'vetoed') return vetoed[row] && describeVetoed(vetoed[row]);
          if (kind === 'mover') return movers[row] && describeMover(movers[row]);
          const table = received[Number(list)];
          return table && `row ${row + 1} of ${table.name}, from ${table.from}`;
        };
        useLayers.setState({ chosen: { ...chosen, text: say() ?? chosen.marker.id } });
      }),
    [catalogs, received, vetoed, movers],
  );
  return {
    hasSky: sky !== undefined,
    stars: catalogs.map(({ name, isCut }, n) => ({ name, isCut, count: starLists[n]?.length ?? 0 })),
    areStarsLoading: stars.isLoading,
    hasMask: mask.isThere,
    maskCounts: mask.data?.counts,
    vetoed: marksVetoed ? undefined : { count: vetoedAnswer.data?.length },
    movers: {
      askedAt: known.data?.askedAt,
      count: moverLists[0]?.length ?? 0,
      isAsking: ask.isPending,
      hasTime: field?.run.science?.midpointMjdTai !== undefined,
      ask: ask.mutate,
    },
    failure: stars.error ?? mask.error ?? vetoedAnswer.error ?? known.error ?? ask.error ?? undefined,
    tables: received.map(({ id, name }, n) => ({ id, name, count: tableLists[n]?.length ?? 0 })),
  };
}

const STAR_LOOK = { shape: 'strokes', tone: 'accent' } as const;
const TABLE_LOOK = { shape: 'square', tone: 'ok' } as const;
const VETOED_LOOK = { shape: 'diamond', tone: 'warn' } as const;
const MOVER_LOOK = { shape: 'square', tone: 'accent' } as const;

/** Lists of places as lists of markers; none until all are placed. */
function usePlaced(
  lists: readonly Parameters<typeof placeOnImage>[0][],
  findPixel: Parameters<typeof placeOnImage>[1] | undefined,
  width: number,
  height: number,
  kind: 'star' | 'table' | 'mover',
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
