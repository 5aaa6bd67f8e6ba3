import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { type CatalogList, type CatalogRow, type CatalogTable, useCatalogTotal } from '../../api/catalog.ts';
import { describeFailure } from '../../api/client.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { AnalyticsView } from './analytics-view.tsx';
import { CatalogPlots } from './catalog-plots.tsx';
import { CatalogRows, describePlace } from './catalog-table.tsx';
import { type CatalogTab, clearFilter, useCatalogView } from './catalog-view.ts';
import { ExportDialog } from './export-dialog.tsx';
import { DrawnParts, FilterBar } from './filter-bar.tsx';
import { ObjectPage } from './object-page.tsx';
import './catalog.css';

const TABS: readonly (readonly [tab: CatalogTab, title: string, key: string])[] = [
  ['detections', 'Detections', 'D'],
  ['objects', 'Sky objects', 'O'],
  ['analytics', 'Analytics', 'A'],
];

/** Everything that was ever found: lists with plots, objects over time, and how well it is all judged. */
export function CatalogScreen({
  ways,
  wantedId,
}: {
  /** An object whose page is asked for from elsewhere. */
  readonly wantedId: string | undefined;
  readonly ways: {
    readonly toQueue: () => void;
    readonly toField: (runId: string, candidateId?: string) => void;
  };
}) {
  const tab = useCatalogView((view) => view.tab);
  useEffect(() => {
    if (wantedId !== undefined) useCatalogView.setState({ objectId: wantedId });
  }, [wantedId]);
  const objectId = useCatalogView((view) => view.objectId);
  const isTabular = useCatalogView((view) => view.isTabular);
  const tabs = TABS.map(
    ([name, title, key]): Action => ({
      id: `catalog.${name}`,
      title,
      keys: [key],
      run: () => useCatalogView.setState({ tab: name, objectId: undefined, index: 0 }),
    }),
  );
  const tabular: Action = {
    id: 'catalog.tabular',
    title: isTabular ? 'Plots as pictures' : 'Plots as tables',
    keys: ['T'],
    run: () => useCatalogView.setState({ isTabular: !isTabular }),
  };
  const hasColours = useCatalogView((view) => view.hasColours);
  const colours: Action = {
    id: 'catalog.colours',
    title: hasColours ? 'Plot magnitudes over time' : 'Plot colours and magnitudes',
    keys: ['C'],
    isEnabled: tab !== 'analytics' && objectId === undefined,
    run: () => useCatalogView.setState({ hasColours: !hasColours }),
  };
  const head = (rest: ReactNode): ReactNode => (
    <header className="top-bar" data-region="top">
      <h1 className="top-title">Catalog</h1>
      {tabs.map((action, k) => (
        <ActionButton key={action.id} action={action} isPressed={TABS[k]![0] === tab} />
      ))}
      <span className="top-rule" />
      {rest}
      <span className="top-gap" />
      {colours.isEnabled && (
        <ActionButton action={colours} isPressed={hasColours}>
          colours
        </ActionButton>
      )}
      <ActionButton action={tabular} isPressed={isTabular}>
        tables
      </ActionButton>
    </header>
  );
  useActions('Catalog', 'screen', [...tabs, tabular, colours]);
  if (objectId !== undefined)
    return <ObjectPage id={objectId} ways={ways} isTabular={isTabular} head={head} />;
  if (tab === 'analytics') return <AnalyticsView isTabular={isTabular} head={head} onLeave={ways.toQueue} />;
  return (
    <ListView key={tab} table={tab} ways={ways} isTabular={isTabular} hasColours={hasColours} head={head} />
  );
}

function ListView({
  table,
  ways,
  isTabular,
  hasColours,
  head,
}: {
  readonly table: CatalogTable;
  readonly ways: {
    readonly toQueue: () => void;
    readonly toField: (runId: string, candidateId?: string) => void;
  };
  readonly isTabular: boolean;
  readonly hasColours: boolean;
  readonly head: (rest: ReactNode) => ReactNode;
}) {
  const filter = useCatalogView((view) => view.filters[table]);
  const order = useCatalogView((view) => view.orders[table]);
  const index = useCatalogView((view) => view.index);
  const [chosen, setChosen] = useState<CatalogRow>();
  const [isExporting, setExporting] = useState(false);
  const firstField = useRef<HTMLInputElement>(null);
  const list: CatalogList = { table, filter, order: order.column, isFalling: order.isFalling };
  const answer = useCatalogTotal(list);
  const total = answer.data?.total ?? 0;
  const { toField } = ways;
  const open = useCallback(
    (row: CatalogRow): void => {
      if ('runId' in row) toField(row.runId, row.id);
      else useCatalogView.setState({ objectId: row.id });
    },
    [toField],
  );
  const go = (at: number): void => useCatalogView.setState({ index: Math.max(0, Math.min(total - 1, at)) });
  const walk = (id: string, title: string, keys: readonly string[], at: number): Action => ({
    id: `catalog.${id}`,
    title,
    keys,
    repeats: true,
    isEnabled: total > 0,
    run: () => go(at),
  });
  const objectId = chosen === undefined ? undefined : 'runId' in chosen ? chosen.objectId : chosen.id;
  const openObject: Action = {
    id: 'catalog.object',
    title: 'Object page',
    keys: table === 'objects' ? ['Enter'] : ['Shift+Enter'],
    isEnabled: objectId !== undefined,
    run: () => useCatalogView.setState({ objectId }),
  };
  const openField: Action = {
    id: 'catalog.field',
    title: 'Field',
    keys: ['Enter'],
    isEnabled: chosen !== undefined,
    run: () => open(chosen!),
  };
  const save: Action = {
    id: 'catalog.export',
    title: 'Export…',
    keys: ['Ctrl+E', 'E'],
    isEnabled: total > 0,
    run: () => setExporting(true),
  };
  const clear: Action = {
    id: 'catalog.clear',
    title: 'Clear the filter',
    keys: ['X'],
    run: () => clearFilter(table),
  };
  const find: Action = {
    id: 'catalog.filter',
    title: 'Type a filter',
    keys: ['/'],
    run: () => firstField.current?.focus(),
  };
  const back: Action = {
    id: 'catalog.queue',
    title: 'Back to the queue',
    keys: ['Escape'],
    run: ways.toQueue,
  };
  const opens = table === 'detections' ? [openField, openObject] : [openObject];
  useActions(table === 'detections' ? 'Detections' : 'Sky objects', 'screen', [
    walk('next', 'Next row', ['J', 'ArrowDown'], index + 1),
    walk('previous', 'Previous row', ['K', 'ArrowUp'], index - 1),
    walk('next-page', 'Next screenful', ['PageDown'], index + 20),
    walk('previous-page', 'Previous screenful', ['PageUp'], index - 20),
    walk('first', 'First row', ['Home'], 0),
    walk('last', 'Last row', ['End'], total - 1),
    ...opens,
    save,
    find,
    clear,
    back,
  ]);
  const isFiltered = JSON.stringify(filter).length > 60 || (filter.ranges?.length ?? 0) > 0;
  return (
    <section className="screen" aria-label="Catalog">
      {head(
        <>
          <span className="dim mono catalog-place">
            {answer.data === undefined ? '' : describePlace(index, total)}
          </span>
          <DrawnParts table={table} filter={filter} />
          <span className="top-gap" />
          {[...opens, save].map((action) => (
            <ActionButton key={action.id} action={action} />
          ))}
        </>,
      )}
      <div className="catalog">
        <FilterBar table={table} filter={filter} clear={clear} firstField={firstField} />
        <div className="catalog-split">
          <div className="catalog-list">
            <CatalogRows
              list={list}
              total={total}
              isComing={answer.isPending}
              onChosen={setChosen}
              onOpen={open}
            />
            {!answer.isPending && !answer.isError && total === 0 && (
              <div className="catalog-none">
                <p className="dim">
                  {isFiltered
                    ? 'Nothing passes the filter.'
                    : table === 'detections'
                      ? 'Nothing has been found yet: the queue offers a sample night.'
                      : 'No object yet: objects are made of detections with sky coordinates.'}
                </p>
                <ActionButton action={isFiltered ? clear : back} look="primary" />
              </div>
            )}
          </div>
          <CatalogPlots
            table={table}
            filter={filter}
            chosen={chosen}
            isTabular={isTabular}
            hasColours={hasColours}
          />
        </div>
      </div>
      {answer.isError && (
        <FailureNote failure={describeFailure(answer.error)} onRetry={() => void answer.refetch()} />
      )}
      {isExporting && (
        <ExportDialog table={table} filter={filter} total={total} onClose={() => setExporting(false)} />
      )}
    </section>
  );
}
