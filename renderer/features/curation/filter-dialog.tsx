import { type FormEvent, useState } from 'react';
import type { QueueFilter, QueueOrder, QueueTraits, Taxonomy } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { useSavedFilters } from '../../api/labelling.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { changeView, type LabelView } from './label-view.ts';
import { ORDERS } from './orders.ts';

type Side = 'include' | 'exclude';
type ListTrait = 'verdicts' | 'classIds' | 'bands' | 'flags' | 'consensus';
type FlagTrait = 'labelledByMe' | 'labelledByAnyone' | 'isFlagged';

const LISTS: readonly { readonly name: ListTrait; readonly title: string; readonly hint: string }[] = [
  { name: 'verdicts', title: 'verdict', hint: 'real, bogus, unsure' },
  { name: 'classIds', title: 'class', hint: 'dipole, sn-gold' },
  { name: 'bands', title: 'band', hint: 'g, r, i' },
  { name: 'flags', title: 'flags of detection', hint: 'edge, near-saturated' },
  { name: 'consensus', title: 'consensus', hint: 'waiting, agreed, disputed' },
];
const FLAGS: readonly { readonly name: FlagTrait; readonly title: string }[] = [
  { name: 'labelledByMe', title: 'labelled by me' },
  { name: 'labelledByAnyone', title: 'labelled by anyone' },
  { name: 'isFlagged', title: 'flagged for follow-up' },
];

/** What the queue holds and in which order; filters that are used often get a name. */
export function FilterDialog({
  view,
  taxonomy,
  onClose,
}: {
  readonly view: LabelView;
  readonly taxonomy: Taxonomy | undefined;
  readonly onClose: () => void;
}) {
  const saved = useSavedFilters();
  const [order, setOrder] = useState<QueueOrder>(view.order);
  const [filter, setFilter] = useState<QueueFilter>(view.filter);
  const [name, setName] = useState(view.filterName ?? '');
  const [failure, setFailure] = useState<string>();
  const traits = (side: Side): QueueTraits => filter[side] ?? {};
  const setTrait = (side: Side, change: Partial<QueueTraits>): void =>
    setFilter({ ...filter, [side]: dropAbsent({ ...traits(side), ...change }) });
  const apply = (event: FormEvent): void => {
    event.preventDefault();
    changeView({ order, filter, filterName: undefined });
    onClose();
  };
  const keep = async (): Promise<void> => {
    try {
      await saved.save({ name: name.trim(), order, filter });
      changeView({ order, filter, filterName: name.trim() });
      onClose();
    } catch (error) {
      setFailure(describeFailure(error).message);
    }
  };
  return (
    <Dialog title="What to label" onClose={onClose} className="filter-dialog">
      <form onSubmit={apply}>
        <fieldset className="swatches">
          <legend className="dim">Order</legend>
          {ORDERS.map((one, i) => (
            <button
              type="button"
              key={one.order}
              className="button"
              aria-pressed={one.order === order}
              title={one.meaning}
              {...(i === 0 ? { 'data-focus-first': true } : {})}
              onClick={() => setOrder(one.order)}
            >
              {one.name}
            </button>
          ))}
        </fieldset>
        <div className="filter-grid">
          <span />
          <span className="dim">only</span>
          <span className="dim">not</span>
          {LISTS.map((list) => (
            <FilterRow key={list.name} title={list.title}>
              {(['include', 'exclude'] as const).map((side) => (
                <ListField
                  key={side}
                  label={`${list.title}, ${side === 'include' ? 'only' : 'not'}`}
                  hint={list.name === 'classIds' ? (taxonomy?.classes[0]?.id ?? list.hint) : list.hint}
                  words={(traits(side)[list.name] as readonly string[] | undefined) ?? []}
                  onChange={(words) =>
                    setTrait(side, { [list.name]: words.length === 0 ? undefined : words })
                  }
                />
              ))}
            </FilterRow>
          ))}
        </div>
        {FLAGS.map((flag) => (
          <fieldset className="swatches" key={flag.name}>
            <legend className="dim">{flag.title}</legend>
            {([undefined, true, false] as const).map((value) => (
              <button
                type="button"
                key={String(value)}
                className="button"
                aria-pressed={traits('include')[flag.name] === value}
                onClick={() => setTrait('include', { [flag.name]: value })}
              >
                {value === undefined ? 'any' : value ? 'yes' : 'no'}
              </button>
            ))}
          </fieldset>
        ))}
        <div className="filter-grid">
          {(['score', 'snr'] as const).map((range) => (
            <FilterRow key={range} title={range === 'snr' ? 'S/N' : 'score'}>
              {(['min', 'max'] as const).map((end) => (
                <input
                  key={end}
                  type="number"
                  step="any"
                  aria-label={`${range === 'snr' ? 'S/N' : 'score'} ${end === 'min' ? 'from' : 'to'}`}
                  placeholder={end === 'min' ? 'from' : 'to'}
                  value={filter[range]?.[end] ?? ''}
                  onChange={({ target }) =>
                    setFilter({
                      ...filter,
                      [range]: dropAbsent({
                        ...filter[range],
                        [end]: target.value === '' ? undefined : Number(target.value),
                      }),
                    })
                  }
                />
              ))}
            </FilterRow>
          ))}
        </div>
        <label className="check-field">
          <input
            type="checkbox"
            checked={filter.vetoed === true}
            onChange={({ target }) =>
              setFilter(dropAbsent({ ...filter, vetoed: target.checked || undefined }))
            }
          />
          detections that a rule vetoed, instead of candidates
        </label>
        {failure !== undefined && <p role="alert">{failure}</p>}
        <div className="dialog-foot">
          <button type="submit" className="button button-primary">
            Use it
          </button>
          <button type="button" className="button" onClick={() => setFilter({})}>
            Clear
          </button>
          <span className="top-gap" />
          <input
            aria-label="Name of the filter"
            placeholder="name"
            maxLength={60}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <button
            type="button"
            className="button button-outline"
            disabled={name.trim() === ''}
            onClick={() => void keep()}
          >
            Save under this name
          </button>
        </div>
      </form>
      {saved.items.length > 0 && (
        <ul className="curator-list">
          {saved.items.map((one) => (
            <li key={one.name}>
              <button
                type="button"
                className="button"
                aria-pressed={one.name === view.filterName}
                onClick={() => {
                  changeView({ order: one.order, filter: one.filter, filterName: one.name });
                  onClose();
                }}
              >
                {one.name}
              </button>
              <button
                type="button"
                className="button button-outline"
                onClick={() => void saved.drop(one.name)}
              >
                Forget
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function FilterRow({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <>
      <span>{title}</span>
      {children}
    </>
  );
}

/** Words with commas between; what is being written stays as it is written. */
function ListField({
  label,
  hint,
  words,
  onChange,
}: {
  readonly label: string;
  readonly hint: string;
  readonly words: readonly string[];
  readonly onChange: (words: string[]) => void;
}) {
  const [text, setText] = useState(words.join(', '));
  return (
    <input
      aria-label={label}
      placeholder={hint}
      value={text}
      onChange={({ target }) => {
        setText(target.value);
        onChange(
          target.value
            .split(',')
            .map((word) => word.trim())
            .filter((word) => word !== ''),
        );
      }}
    />
  );
}

function dropAbsent<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
