import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { ImageHdu } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount } from '../../ui/format.ts';
import { Menu } from '../../ui/menu.tsx';
import { type PanelContext, pathOfOrigin } from './panel-context.ts';

const ROW_HEIGHT = 18;
const CARDS_PER_PAGE = 1000;

/** The HDUs of the file behind the active image, and the cards of one of them. */
export function HeaderPanel({ origin, kind }: PanelContext) {
  const path = pathOfOrigin(origin, kind);
  const file = useQuery({
    queryKey: ['image-file', path],
    queryFn: ({ signal }) => client.observations.openImage({ path: path! }, { signal }),
    enabled: path !== undefined,
    refetchInterval: ({ state }) => (state.data?.unpacking === undefined ? false : 500),
    retry: false,
  });
  const [chosen, setChosen] = useState<number>();
  const [search, setSearch] = useState('');
  const hdu = chosen ?? (origin.kind === 'file' ? origin.hdu : file.data?.defaultHdu) ?? 0;
  if (path === undefined) return <p className="tool-waiting dim">This field has no file.</p>;
  if (file.isError)
    return <FailureNote failure={describeFailure(file.error)} onRetry={() => void file.refetch()} />;
  const hdus = file.data?.hdus ?? [];
  const current = hdus.find(({ index }) => index === hdu);
  return (
    <div className="tool-panel header-panel">
      <div className="tool-fields">
        <p className="ellipsis" title={path}>
          {file.data?.name ?? path}
        </p>
        <Menu
          name="HDU"
          value={current === undefined ? String(hdu) : nameOfHdu(current)}
          choices={hdus.map((one) => ({ value: one.index, label: describeHdu(one) }))}
          isChosen={(index) => index === hdu}
          onChoose={setChosen}
        />
        <label className="tool-field tool-field-wide">
          <span className="dim">find</span>
          <input
            className="tool-input mono"
            value={search}
            placeholder="a word of a card"
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
        {file.data?.unpacking !== undefined && (
          <p className="dim">
            unpacking,{' '}
            {Math.round((100 * file.data.unpacking.doneBytes) / Math.max(1, file.data.unpacking.totalBytes))}{' '}
            %
          </p>
        )}
        {file.data?.problem !== undefined && <p className="dim">{file.data.problem.message}</p>}
      </div>
      {hdus.length > 0 && <Cards path={path} hdu={hdu} search={search} />}
    </div>
  );
}

function Cards({
  path,
  hdu,
  search,
}: {
  readonly path: string;
  readonly hdu: number;
  readonly search: string;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const query = useInfiniteQuery({
    queryKey: ['header', path, hdu, search],
    queryFn: ({ pageParam, signal }) =>
      client.observations.readHeader(
        { path, hdu, search, offset: pageParam, limit: CARDS_PER_PAGE },
        { signal },
      ),
    initialPageParam: 0,
    getNextPageParam: (page, pages) => {
      const read = pages.reduce((sum, { cards }) => sum + cards.length, 0);
      return read < page.matched ? read : undefined;
    },
    placeholderData: (before) => before,
    retry: false,
  });
  const cards = query.data?.pages.flatMap((page) => page.cards) ?? [];
  const { matched = 0, total = 0 } = query.data?.pages[0] ?? {};
  const rows = useVirtualizer({
    count: cards.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (last >= cards.length - 50 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, cards.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (query.isError)
    return <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />;
  return (
    <div className="header-cards">
      <section
        className="card-scroller selectable"
        ref={scroller}
        aria-label={`Header, ${matched} of ${total} cards`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
        tabIndex={0}
      >
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((item) => {
            const { keyword, value, comment } = cards[item.index]!;
            return (
              <div
                className="card-row mono"
                key={item.key}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <span className="card-keyword">{keyword}</span>
                <span className="card-value">{value === undefined ? '' : writeValue(value)}</span>
                <span className="dim">{comment ?? ''}</span>
              </div>
            );
          })}
        </div>
      </section>
      <p className="dim mono">
        {formatCount(matched)} of {formatCount(total)} cards
      </p>
    </div>
  );
}

function writeValue(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
}

function nameOfHdu({ index, extname }: ImageHdu): string {
  return extname === undefined ? String(index) : `${index} ${extname}`;
}

function describeHdu(hdu: ImageHdu): string {
  const shape = hdu.shape.length === 0 ? 'no data' : [...hdu.shape].reverse().join(' × ');
  return `${nameOfHdu(hdu)} · ${hdu.kind} · ${shape}`;
}
