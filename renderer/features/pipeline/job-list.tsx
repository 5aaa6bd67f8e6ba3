import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect, useRef } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { JobRow } from './job-row.tsx';

/** Jobs, those that failed first. */
export function JobList({
  jobs,
  index,
  isKnown,
  isComing,
  onSelect,
  onEmpty,
}: {
  readonly jobs: readonly Run[];
  readonly index: number;
  /** Whether the core has answered. */
  readonly isKnown: boolean;
  /** Whether it still may. */
  readonly isComing: boolean;
  readonly onSelect: (runId: string) => void;
  /** What to do where there are none. */
  readonly onEmpty: Action;
}) {
  const scroller = useRef<HTMLTableSectionElement>(null);
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 26,
    overscan: 10,
  });
  useEffect(() => {
    if (jobs.length > 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index, jobs.length]);
  return (
    <table
      className="job-table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen: that is a grid
      role="grid"
      aria-label="Jobs"
      aria-rowcount={jobs.length + 1}
      aria-activedescendant={jobs[index] && `job-${jobs[index].id}`}
      aria-busy={isComing}
      tabIndex={0}
      data-region="list"
    >
      <thead>
        <tr className="job-row job-headings">
          <th scope="col">
            <span className="unseen">State</span>
          </th>
          <th scope="col">Field</th>
          <th scope="col">Stage</th>
          <th scope="col">Cause, or what happens</th>
          <th scope="col" className="right">
            Took
          </th>
          <th scope="col" className="right">
            Queued (UTC)
          </th>
        </tr>
      </thead>
      <tbody
        className="job-scroller"
        ref={scroller}
        style={{ '--all-rows': `${rows.getTotalSize()}px` } as CSSProperties}
      >
        {isComing && <Skeleton />}
        {rows.getVirtualItems().map((item) => (
          <JobRow
            key={jobs[item.index]!.id}
            run={jobs[item.index]!}
            index={item.index}
            isSelected={item.index === index}
            top={item.start}
            onSelect={onSelect}
          />
        ))}
        {isKnown && jobs.length === 0 && (
          <tr>
            <td className="job-none">
              <p className="dim">No jobs yet: a pair of images that is queued becomes one.</p>
              <ActionButton action={onEmpty} look="outline" />
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

function Skeleton() {
  return Array.from({ length: 6 }, (_, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they never change
    <tr className="job-row job-waiting" key={i} style={{ transform: `translateY(${26 * i}px)` }}>
      <td />
      <td>
        <span className="skeleton" style={{ width: `${70 - 5 * i}%` }} />
      </td>
    </tr>
  ));
}
