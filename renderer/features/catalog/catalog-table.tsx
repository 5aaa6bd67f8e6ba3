import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, memo, type ReactNode, useEffect, useRef } from 'react';
import type { CatalogDetection, SkyObject } from '../../../core/api/contract/index.ts';
import { type CatalogList, type CatalogRow, type CatalogTable, useCatalogRows } from '../../api/catalog.ts';
import { formatCount, formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { formatDec, formatRa } from '../../viewer/index.ts';
import { orderBy, useCatalogView } from './catalog-view.ts';

const ROW_HEIGHT = 26;

interface Column<Row> {
  readonly title: string;
  /** The number that it is ordered by. */
  readonly order?: string;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

const DETECTIONS: readonly Column<CatalogDetection>[] = [
  { title: '', cell: ({ verdict }) => <VerdictMark verdict={verdict} /> },
  { title: 'score', order: 'score', isNumber: true, cell: ({ score }) => formatFixed(score, 3) },
  {
    title: 'S/N',
    order: 'snr',
    isNumber: true,
    cell: ({ snr, isNegative }) => `${isNegative ? '−' : ''}${formatFixed(snr, 1)}`,
  },
  { title: 'mag', order: 'mag', isNumber: true, cell: ({ mag }) => formatFixed(mag, 2) },
  {
    title: 'RA',
    order: 'raDeg',
    isNumber: true,
    cell: ({ raDeg }) => (raDeg === undefined ? NOT_KNOWN : formatRa(raDeg, 2)),
  },
  {
    title: 'Dec',
    order: 'decDeg',
    isNumber: true,
    cell: ({ decDeg }) => (decDeg === undefined ? NOT_KNOWN : formatDec(decDeg, 1)),
  },
  {
    title: 'MJD',
    order: 'midpointMjdTai',
    isNumber: true,
    cell: ({ midpointMjdTai }) => formatFixed(midpointMjdTai, 4),
  },
  { title: 'band', cell: ({ band }) => band ?? NOT_KNOWN },
  { title: 'field', cell: ({ fieldName, exposureName }) => fieldName ?? fileName(exposureName) },
  { title: 'object', cell: ({ objectName }) => shortName(objectName) },
];

const OBJECTS: readonly Column<SkyObject>[] = [
  { title: '', cell: ({ verdict }) => <VerdictMark verdict={verdict} /> },
  { title: 'object', cell: ({ givenName, name }) => givenName ?? shortName(name) },
  {
    title: 'found',
    order: 'detectionCount',
    isNumber: true,
    cell: ({ detectionCount }) => `${detectionCount} ×`,
  },
  { title: 'score', order: 'score', isNumber: true, cell: ({ score }) => formatFixed(score, 3) },
  { title: 'S/N', order: 'snr', isNumber: true, cell: ({ snr }) => formatFixed(snr, 1) },
  { title: 'mag', order: 'mag', isNumber: true, cell: ({ mag }) => formatFixed(mag, 2) },
  { title: 'RA', order: 'raDeg', isNumber: true, cell: ({ raDeg }) => formatRa(raDeg, 2) },
  { title: 'Dec', order: 'decDeg', isNumber: true, cell: ({ decDeg }) => formatDec(decDeg, 1) },
  {
    title: 'first MJD',
    order: 'firstMjdTai',
    isNumber: true,
    cell: ({ firstMjdTai }) => formatFixed(firstMjdTai, 3),
  },
  {
    title: 'last MJD',
    order: 'lastMjdTai',
    isNumber: true,
    cell: ({ lastMjdTai }) => formatFixed(lastMjdTai, 3),
  },
];

/** Images are known by their files, without the folders above. */
export function fileName(path: string | undefined): string {
  return path?.split(/[\\/]/).at(-1) ?? NOT_KNOWN;
}

/** The first word of a name is the same in all of them. */
function shortName(name: string | undefined): string {
  return name?.replace(/^AstrID /, '') ?? NOT_KNOWN;
}

function columnsOf(table: CatalogTable): readonly Column<CatalogRow>[] {
  return (table === 'detections' ? DETECTIONS : OBJECTS) as readonly Column<CatalogRow>[];
}

/** Rows that stand for a list whose length is not known yet. */
const COMING = 8;

/** Rows of a list, of which only those in view are here. */
export function CatalogRows({
  list,
  total,
  isComing,
  onChosen,
  onOpen,
}: {
  readonly list: CatalogList;
  readonly total: number;
  /** Whether it is not known yet how many there are. */
  readonly isComing: boolean;
  /** Told the row at the chosen place, once it is here. */
  readonly onChosen: (row: CatalogRow | undefined) => void;
  readonly onOpen: (row: CatalogRow) => void;
}) {
  const scroller = useRef<HTMLTableSectionElement>(null);
  const index = Math.min(
    useCatalogView((view) => view.index),
    Math.max(0, total - 1),
  );
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const rowAt = useCatalogRows(list, items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
  const chosen = rowAt(index);
  useEffect(() => {
    if (total > 0) virtual.scrollToIndex(index, { align: 'auto' });
  }, [virtual, index, total]);
  const place = `${index} ${JSON.stringify(list)}`;
  const told = useRef('');
  useEffect(() => {
    // A chosen row that was scrolled out of view stays chosen; one of another place or list does not.
    if (chosen !== undefined || total === 0 || told.current !== place) onChosen(chosen);
    told.current = place;
  }, [chosen, total, onChosen, place]);
  const columns = columnsOf(list.table);
  return (
    <table
      className={`catalog-table catalog-${list.table}`}
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen: that is a grid
      role="grid"
      aria-label={list.table === 'detections' ? 'Detections' : 'Sky objects'}
      aria-rowcount={total + 1}
      aria-activedescendant={chosen && `catalog-${chosen.id}`}
      tabIndex={0}
      data-region="list"
    >
      <thead>
        <tr className="catalog-row catalog-headings">
          {columns.map((column) => (
            <Heading key={column.title} column={column} list={list} />
          ))}
        </tr>
      </thead>
      <tbody
        className="catalog-scroller"
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        style={{ '--all-rows': `${virtual.getTotalSize()}px` } as CSSProperties}
      >
        {isComing &&
          Array.from({ length: COMING }, (_, at) => (
            <Row
              // biome-ignore lint/suspicious/noArrayIndexKey: they never change
              key={at}
              row={undefined}
              columns={columns}
              place={at}
              top={at * ROW_HEIGHT}
              isSelected={false}
              onOpen={onOpen}
            />
          ))}
        {items.map(({ index: at, start }) => (
          <Row
            key={at}
            row={rowAt(at)}
            columns={columns}
            place={at}
            top={start}
            isSelected={at === index}
            onOpen={onOpen}
          />
        ))}
      </tbody>
    </table>
  );
}

function Heading({ column, list }: { readonly column: Column<CatalogRow>; readonly list: CatalogList }) {
  const { title, order, isNumber } = column;
  const isCurrent = order !== undefined && order === list.order;
  return (
    <th
      scope="col"
      className={isNumber ? 'right' : ''}
      aria-sort={isCurrent ? (list.isFalling ? 'descending' : 'ascending') : undefined}
    >
      {order === undefined ? (
        title === '' ? (
          <span className="unseen">verdict</span>
        ) : (
          title
        )
      ) : (
        <button
          type="button"
          className="catalog-sort"
          title={`Order by ${title}`}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => orderBy(list.table, order)}
        >
          {title}
          <span className="catalog-arrow" aria-hidden="true">
            {isCurrent ? (list.isFalling ? '↓' : '↑') : ''}
          </span>
        </button>
      )}
    </th>
  );
}

const Row = memo(function Row({
  row,
  columns,
  place,
  top,
  isSelected,
  onOpen,
}: {
  readonly row: CatalogRow | undefined;
  readonly columns: readonly Column<CatalogRow>[];
  readonly place: number;
  readonly top: number;
  readonly isSelected: boolean;
  readonly onOpen: (row: CatalogRow) => void;
}) {
  return (
    <tr
      className="catalog-row"
      id={row && `catalog-${row.id}`}
      aria-rowindex={place + 2}
      aria-selected={isSelected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => useCatalogView.setState({ index: place })}
      onDoubleClick={() => row && onOpen(row)}
    >
      {columns.map(({ title, isNumber, cell }, k) => (
        <td key={title} className={isNumber ? 'number' : 'ellipsis'}>
          {row === undefined ? k === 1 && <span className="skeleton catalog-skeleton" /> : cell(row)}
        </td>
      ))}
    </tr>
  );
});

/** Say where in a list one is. */
export function describePlace(index: number, total: number): string {
  return total === 0 ? '0' : `${formatCount(Math.min(index, total - 1) + 1)} of ${formatCount(total)}`;
}
