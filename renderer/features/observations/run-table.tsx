import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect, useRef } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import type { RunWindow } from '../../api/run-windows.ts';
import { type MarkedRun, useQueueView } from './queue-view.ts';
import { RunHeadings, RunRow } from './run-row.tsx';
import './run-table.css';

const ROW_HEIGHT = 26;

/** A list of runs of any length: only rows in view are drawn and asked for. */
export function RunTable({
  list,
  index,
  marked,
  onOpen,
  onView,
}: {
  readonly list: RunWindow;
  readonly index: number;
  readonly marked: readonly MarkedRun[];
  readonly onOpen: (run: Run) => void;
  /** First and last row in view. */
  readonly onView: (first: number, last: number) => void;
}) {
  const scroller = useRef<HTMLTableSectionElement>(null);
  const total = list.total ?? 0;
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onView(first, last), [first, last, onView]);
  useEffect(() => {
    if (total > 0) rows.scrollToIndex(Math.min(index, total - 1), { align: 'auto' });
  }, [rows, index, total]);
  const selected = list.rowAt(index);
  return (
    <table
      className="run-table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen: that is a grid
      role="grid"
      aria-label="Fields"
      aria-rowcount={total + 1}
      aria-multiselectable="true"
      aria-activedescendant={selected && `run-${selected.id}`}
      aria-busy={list.total === undefined && list.error === null}
      tabIndex={0}
      data-region="list"
    >
      <thead>
        <RunHeadings />
      </thead>
      <tbody
        className="run-scroller"
        ref={scroller}
        style={{ '--all-rows': `${rows.getTotalSize()}px` } as CSSProperties}
      >
        {list.total === undefined && list.error === null && <SkeletonRows />}
        {items.map((item) => {
          const run = list.rowAt(item.index);
          return run === undefined ? (
            <tr
              key={item.index}
              className="run-row run-waiting"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <td />
              <td />
              <td />
              <td>
                <span className="skeleton" style={{ width: '60%' }} />
              </td>
            </tr>
          ) : (
            <RunRow
              key={run.id}
              run={run}
              index={item.index}
              isSelected={item.index === index}
              isMarked={marked.some(({ id }) => id === run.id)}
              top={item.start}
              onSelect={selectRun}
              onOpen={onOpen}
            />
          );
        })}
        {list.total === 0 && (
          <tr>
            <td className="dim run-none">No field passes this filter. Esc in the filter shows all again.</td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function selectRun(id: string, at: number): void {
  useQueueView.setState({ selectedId: id, at });
}

function SkeletonRows() {
  return Array.from({ length: 8 }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they never change
    <tr className="run-skeleton" key={i}>
      <td>
        <span className="skeleton" style={{ width: `${34 - i}%` }} />
      </td>
    </tr>
  ));
}
