import { useMemo } from 'react';
import { useCandidateNames, useFoundRuns, useObjectNames } from '../../api/names.ts';
import { useRuns } from '../../api/queries.ts';
import { useActionCatalog } from '../../ui/keys/action-catalog.ts';
import type { Action, ActionLayer, KeyDispatcher } from '../../ui/keys/dispatcher.ts';
import { useKeys } from '../../ui/keys/use-actions.ts';
import { formatPlace } from '../../viewer/format-sky.ts';
import { goTo } from '../navigation.ts';
import { SCREENS, type Screen } from '../place.ts';
import { runElsewhere } from '../run-elsewhere.ts';
import { SETTING_NAMES } from '../setting-names.ts';
import { otherNames } from './other-names.ts';
import type { Findable } from './rank-entries.ts';

/** Something the palette can do. */
export interface Entry extends Findable {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  readonly chord?: string | undefined;
  /** At the right: numbers of a candidate. */
  readonly note?: string | undefined;
  run(): void;
}

/** Everything that can be found, what is nearest first: this screen's actions, then other screens', then things. */
export function useEntries(
  layers: readonly ActionLayer[],
  typed: string,
): { readonly entries: readonly Entry[]; readonly isLoading: boolean } {
  const keys = useKeys();
  const known = useActionCatalog(({ actions }) => actions);
  const recent = useRuns().data?.runs;
  const found = useFoundRuns(typed);
  const candidates = useCandidateNames();
  const objects = useObjectNames();
  const actions = useMemo(() => {
    const here = layers.flatMap((layer) => actionsOf(layer, keys));
    const ids = new Set(here.map(({ id }) => id));
    const elsewhere = Object.values(known)
      .filter(({ id, screen }) => !ids.has(id) && SCREENS.some((name) => name === screen))
      .map((action) =>
        makeEntry(
          {
            id: action.id,
            title: action.title,
            group: action.layer,
            chord: keys.keysOf(action)[0],
            run: () => runElsewhere(keys, action.id, action.screen as Screen),
          },
          otherNames(action.id),
        ),
      );
    return [...here, ...elsewhere];
  }, [layers, known, keys]);
  const settings = useMemo(
    () =>
      SETTING_NAMES.map(({ section, title, also }) =>
        makeEntry(
          {
            id: `setting-${section}-${title}`,
            title,
            group: 'Setting',
            run: () => goTo({ screen: 'settings', part: section }),
          },
          also,
        ),
      ),
    [],
  );
  const fields = useMemo(() => {
    const all = new Map([...(recent ?? []), ...(found.data ?? [])].map((run) => [run.id, run]));
    return [...all.values()].map((run) => {
      const name = run.science?.object ?? run.science?.name ?? run.sciencePath.split(/[\\/]/).at(-1)!;
      return makeEntry(
        {
          id: run.id,
          title: name,
          group: 'Open field',
          note: run.status === 'done' ? `${run.candidateCount} candidates` : run.status,
          run: () =>
            run.status === 'done' ? goTo({ screen: 'field', runId: run.id }) : goTo({ screen: 'jobs' }),
        },
        run.sciencePath,
      );
    });
  }, [recent, found.data]);
  const things = useMemo(() => {
    const names = new Map(fields.map(({ id, title }) => [id, title]));
    return [
      ...(objects.data ?? []).map((object) =>
        makeEntry(
          {
            id: object.id,
            title: object.givenName ?? object.name,
            group: 'Object',
            note: formatPlace(object.raDeg, object.decDeg, 1),
            run: () => goTo({ screen: 'catalog', part: object.id }),
          },
          `object ${object.name}`,
        ),
      ),
      ...(candidates.data ?? []).map((candidate) => {
        const { id, runId, rank, score, snr, raDeg, decDeg } = candidate;
        const place = raDeg === undefined || decDeg === undefined ? '' : formatPlace(raDeg, decDeg, 1);
        return makeEntry(
          {
            id,
            title: `#${rank}  ${names.get(runId) ?? ''}  ${place}`,
            group: 'Candidate',
            note: `S/N ${snr.toFixed(1)}  ${score.toFixed(3)}`,
            run: () => goTo({ screen: 'field', runId, candidateId: id }),
          },
          id,
        );
      }),
    ];
  }, [fields, candidates.data, objects.data]);
  const entries = useMemo(
    () => [...actions, ...settings, ...fields, ...things],
    [actions, settings, fields, things],
  );
  return { entries, isLoading: found.isFetching || candidates.isFetching || objects.isFetching };
}

function makeEntry(entry: Omit<Entry, 'text'>, also = ''): Entry {
  return { ...entry, text: `${entry.title} ${entry.group} ${also}`.toLowerCase() };
}

function actionsOf(layer: ActionLayer, keys: KeyDispatcher): Entry[] {
  const isCommand = (action: Action): boolean => action.isEnabled !== false && action.release === undefined;
  return layer
    .actions()
    .filter(isCommand)
    .map((action) =>
      makeEntry(
        {
          id: action.id,
          title: action.title,
          group: layer.name,
          chord: keys.keysOf(action)[0],
          run: () => void keys.runAction(action.id),
        },
        otherNames(action.id),
      ),
    );
}
