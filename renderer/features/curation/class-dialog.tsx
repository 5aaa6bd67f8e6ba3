import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useDeferredValue, useState } from 'react';
import type { Taxonomy, TaxonomyClass, Verdict } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { taxonomyChanges, taxonomyKey } from '../../api/labelling.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { VerdictMark } from '../../ui/marks.tsx';

const VERDICTS: readonly Verdict[] = ['real', 'bogus', 'unsure'];

const WORDS = {
  removed: 'is removed',
  'verdict-changed': 'says something else',
  renamed: 'has another name',
  'key-changed': 'has another key',
  added: 'is new',
} as const;

/** The classes of the taxonomy: a change is a new version, and says first how many labels it touches. */
export function ClassDialog({
  taxonomy,
  onClose,
}: {
  readonly taxonomy: Taxonomy;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const [classes, setClasses] = useState<readonly TaxonomyClass[]>(taxonomy.classes);
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string>();
  const draft: Taxonomy = { ...taxonomy, version: taxonomy.version + 1, classes: [...classes] };
  const { data } = useQuery(taxonomyChanges(useDeferredValue(draft)));
  const change = (id: string, fields: Partial<TaxonomyClass>): void =>
    setClasses(classes.map((one) => (one.id === id ? { ...one, ...fields } : one)));
  const setKey = (id: string, key: string): void => {
    const digit = /\d$/.exec(key)?.[0];
    // A digit chooses one class: whoever had it gives it up.
    setClasses(
      classes.map(({ key: old, ...one }) => {
        if (one.id === id) return digit === undefined ? one : { ...one, key: digit };
        return old === undefined || old === digit ? one : { ...one, key: old };
      }),
    );
  };
  const add = (): void => {
    const id = name
      .trim()
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    if (id === '' || classes.some((one) => one.id === id)) return;
    setClasses([...classes, { id, name: name.trim(), verdict: 'bogus' }]);
    setName('');
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await client.curation.saveTaxonomy(draft);
      await queries.invalidateQueries({ queryKey: taxonomyKey });
      onClose();
    } catch (error) {
      setFailure(describeFailure(error).message);
    }
  };
  const changes = data ?? [];
  return (
    <Dialog title={`Classes, version ${taxonomy.version}`} onClose={onClose} className="filter-dialog">
      <form onSubmit={(event) => void save(event)}>
        <ul className="class-list">
          {classes.map((one) => (
            <li key={one.id}>
              <input
                className="class-key mono"
                aria-label={`key of ${one.name}`}
                placeholder="–"
                value={one.key ?? ''}
                onChange={({ target }) => setKey(one.id, target.value)}
              />
              <input
                aria-label={`name of ${one.id}`}
                required
                maxLength={60}
                value={one.name}
                onChange={({ target }) => change(one.id, { name: target.value })}
              />
              {VERDICTS.map((verdict) => (
                <button
                  key={verdict}
                  type="button"
                  className="button"
                  aria-label={`${one.name} says ${verdict}`}
                  aria-pressed={one.verdict === verdict}
                  onClick={() => change(one.id, { verdict })}
                >
                  <VerdictMark verdict={verdict} />
                </button>
              ))}
              <button
                type="button"
                className="button"
                aria-label={`remove ${one.name}`}
                onClick={() => setClasses(classes.filter(({ id }) => id !== one.id))}
              >
                remove
              </button>
            </li>
          ))}
        </ul>
        <div className="dialog-foot">
          <input
            aria-label="Name of a new class"
            placeholder="another class"
            maxLength={60}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <button type="button" className="button button-outline" disabled={name.trim() === ''} onClick={add}>
            Add
          </button>
        </div>
        <div className="class-changes" aria-live="polite">
          {changes.length === 0 && <p className="dim">Nothing is changed yet.</p>}
          {changes.map(({ classId, change: what, labels }) => (
            <p key={classId}>
              <span className="mono">{classId}</span> {WORDS[what]}
              {labels > 0 && `; ${labels} ${labels === 1 ? 'label bears' : 'labels bear'} it`}
            </p>
          ))}
        </div>
        {failure !== undefined && <p role="alert">{failure}</p>}
        <div className="dialog-foot">
          <button type="submit" className="button button-primary" disabled={changes.length === 0}>
            Use as version {draft.version}
          </button>
          <span className="dim">Labels keep the version they were given in.</span>
        </div>
      </form>
    </Dialog>
  );
}
