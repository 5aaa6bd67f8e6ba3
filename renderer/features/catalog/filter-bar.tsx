import { type Ref, useEffect, useState } from 'react';
import type { RowFilter } from '../../../core/api/contract/index.ts';
import { type CatalogTable, useBinCounts } from '../../api/catalog.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { VerdictMark, type VerdictWord } from '../../ui/marks.tsx';
import { describeFilter, setFilter, stateOfWord, turnWord, withRange } from './catalog-view.ts';

const VERDICTS = ['real', 'bogus', 'unsure', 'none'] as const;
const RANGES: Readonly<Record<CatalogTable, readonly (readonly [column: string, title: string])[]>> = {
  detections: [
    ['score', 'score'],
    ['snr', 'S/N'],
    ['mag', 'mag'],
  ],
  objects: [
    ['score', 'score'],
    ['snr', 'S/N'],
    ['detectionCount', 'found'],
  ],
};

/** Which rows of a list are shown: words to include or exclude, ranges, and what was drawn on plots. */
export function FilterBar({
  table,
  filter,
  clear,
  firstField,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly clear: Action;
  readonly firstField: Ref<HTMLInputElement>;
}) {
  return (
    <div className="catalog-filters" data-region="filters">
      <fieldset className="catalog-words" aria-label="Verdicts: a click includes, the next excludes">
        {VERDICTS.map((name) => (
          <WordButton key={name} table={table} filter={filter} column="verdict" name={name}>
            <VerdictMark verdict={(name === 'none' ? undefined : name) as VerdictWord} />
            {name === 'none' ? 'not labelled' : name}
          </WordButton>
        ))}
      </fieldset>
      {table === 'detections' && <Words table={table} filter={filter} />}
      {RANGES[table].map(([column, title], k) => (
        <RangeFields
          key={`${table} ${column}`}
          table={table}
          filter={filter}
          column={column}
          title={title}
          firstField={k === 0 ? firstField : null}
        />
      ))}
      <span className="top-gap" />
      <ActionButton action={clear}>clear</ActionButton>
    </div>
  );
}

/** What was drawn on plots: each part can be taken away. */
export function DrawnParts({ table, filter }: { readonly table: CatalogTable; readonly filter: RowFilter }) {
  return describeFilter(filter)
    .filter(({ key }) => !isTyped(table, key))
    .map(({ key, text, without }) => (
      <button
        key={key}
        type="button"
        className="button button-outline catalog-drawn"
        title={`Take away: ${text}`}
        onClick={() => setFilter(table, without)}
      >
        {text} <span aria-hidden="true">×</span>
      </button>
    ));
}

function isTyped(table: CatalogTable, key: string): boolean {
  return RANGES[table].some(([column]) => key === `range ${column}`);
}

/** Buttons for what detections are: vetoed or not, faded or not, and their bands. */
function Words({ table, filter }: { readonly table: CatalogTable; readonly filter: RowFilter }) {
  const bands = useBinCounts(table, {}, { column: 'score', from: 0, to: 1, bins: 1 }, 'band').data;
  const names = Object.keys(bands?.counts ?? {})
    .filter((name) => name !== 'none')
    .sort();
  return (
    <fieldset className="catalog-words" aria-label="Kinds: a click includes, the next excludes">
      <WordButton table={table} filter={filter} column="state" name="vetoed">
        vetoed
      </WordButton>
      <WordButton table={table} filter={filter} column="sign" name="negative">
        faded
      </WordButton>
      {names.slice(0, 6).map((name) => (
        <WordButton key={name} table={table} filter={filter} column="band" name={name}>
          {name}
        </WordButton>
      ))}
    </fieldset>
  );
}

function WordButton({
  table,
  filter,
  column,
  name,
  children,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly column: string;
  readonly name: string;
  readonly children: React.ReactNode;
}) {
  const state = stateOfWord(filter, column, name);
  return (
    <button
      type="button"
      className={`button catalog-word catalog-word-${state}`}
      aria-pressed={state === 'any' ? false : state === 'included' ? true : 'mixed'}
      title={
        {
          any: 'click to show only these',
          included: 'only these; click to leave them out',
          excluded: 'left out; click to show',
        }[state]
      }
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => setFilter(table, (whole) => turn(whole, column, name))}
    >
      {children}
      {state === 'excluded' && <span className="unseen"> left out</span>}
    </button>
  );
}

/** Vetoed detections are left out by another word: to ask for them is to take that away. */
function turn(filter: RowFilter, column: string, name: string): RowFilter {
  if (column !== 'state') return turnWord(filter, column, name);
  const others = { ...filter, words: (filter.words ?? []).filter((word) => word.column !== 'state') };
  return stateOfWord(filter, 'state', 'vetoed') === 'included'
    ? { ...others, words: [...others.words, { column: 'state', names: ['candidate'] }] }
    : { ...others, words: [...others.words, { column: 'state', names: ['vetoed'] }] };
}

function RangeFields({
  table,
  filter,
  column,
  title,
  firstField,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly column: string;
  readonly title: string;
  readonly firstField: Ref<HTMLInputElement> | null;
}) {
  const range = filter.ranges?.find((one) => one.column === column);
  const change = (end: 'from' | 'to') => (value: number | undefined) =>
    setFilter(table, (whole) => {
      const now = whole.ranges?.find((one) => one.column === column);
      const next = { from: now?.from, to: now?.to, [end]: value };
      return withRange(whole, column, next.from, next.to);
    });
  return (
    <fieldset className="catalog-range" aria-label={title}>
      <span className="dim">{title}</span>
      <NumberField label={`${title} from`} value={range?.from} onChange={change('from')} ref={firstField} />
      <span className="dim">…</span>
      <NumberField label={`${title} to`} value={range?.to} onChange={change('to')} />
    </fieldset>
  );
}

function NumberField({
  label,
  value,
  onChange,
  ref,
}: {
  readonly label: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly ref?: Ref<HTMLInputElement> | null | undefined;
}) {
  const shown = value === undefined ? '' : String(Number(value.toPrecision(5)));
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const commit = (): void => {
    if (text === shown) return;
    const number = Number(text.replace(',', '.'));
    if (text.trim() === '') onChange(undefined);
    else if (Number.isFinite(number)) onChange(number);
    else setText(shown);
  };
  return (
    <input
      className="catalog-number"
      type="text"
      inputMode="decimal"
      aria-label={label}
      value={text}
      ref={ref}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Enter' || event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}
