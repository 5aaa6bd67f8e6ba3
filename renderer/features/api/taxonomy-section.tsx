import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Taxonomy, type TaxonomyClass } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { VerdictMark } from '../../ui/marks.tsx';
import { Menu } from '../../ui/menu.tsx';

const VERDICTS = ['real', 'bogus', 'unsure'] as const;
const WORDS = {
  removed: 'is taken out',
  'verdict-changed': 'counts as something else',
  renamed: 'gets another name',
  'key-changed': 'gets another key',
  added: 'is new',
} as const;

/** The classes that candidates may be given; a change is a new version, and says first which labels it touches. */
export function TaxonomySection() {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['taxonomy'],
    queryFn: ({ signal }) => client.curation.getTaxonomy(undefined, { signal }),
  });
  const [draft, setDraft] = useState<Taxonomy>();
  const [isAsking, setIsAsking] = useState(false);
  const taxonomy = draft ?? query.data;
  const parsed = draft && Taxonomy.safeParse(draft);
  const comparison = useQuery({
    queryKey: ['taxonomy', 'compare', draft],
    queryFn: ({ signal }) => client.curation.compareTaxonomy(draft!, { signal }),
    enabled: parsed?.success === true,
  });
  const save = useMutation({
    mutationFn: (next: Taxonomy) => client.curation.saveTaxonomy({ ...next, version: next.version + 1 }),
    onSuccess: (saved) => {
      queries.setQueryData(['taxonomy'], saved);
      setDraft(undefined);
    },
  });
  if (query.isError)
    return <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />;
  if (taxonomy === undefined) return null;
  const edit = (classes: readonly TaxonomyClass[]): void => setDraft({ ...taxonomy, classes: [...classes] });
  const changes = comparison.data?.changes ?? [];
  const touched = changes.reduce((sum, { labels }) => sum + labels, 0);
  return (
    <>
      {save.isError && <FailureNote failure={describeFailure(save.error)} onDismiss={() => save.reset()} />}
      <div className="keymap-bar">
        <span>
          {taxonomy.name} <span className="mono dim">version {query.data?.version}</span>
        </span>
        <span className="top-gap" />
        <button
          type="button"
          className="button button-outline"
          onClick={() => edit([...taxonomy.classes, makeClass(taxonomy.classes)])}
        >
          Add a class
        </button>
        <button
          type="button"
          className="button"
          disabled={draft === undefined}
          onClick={() => setDraft(undefined)}
        >
          Leave it as it was
        </button>
        <button
          type="button"
          className="button button-primary"
          disabled={parsed?.success !== true || changes.length === 0 || save.isPending}
          onClick={() => setIsAsking(true)}
        >
          Save as version {(query.data?.version ?? 0) + 1}
        </button>
      </div>
      <div className="taxonomy-rows">
        {taxonomy.classes.map((one, i) => (
          <ClassRow
            key={one.id}
            one={one}
            change={changes.find(({ classId }) => classId === one.id)}
            onChange={(next) => edit(taxonomy.classes.with(i, next))}
            onRemove={() => edit(taxonomy.classes.toSpliced(i, 1))}
          />
        ))}
        {changes
          .filter(({ change }) => change === 'removed')
          .map(({ classId, labels }) => (
            <p key={classId} className="taxonomy-removed">
              <span className="mono">{classId}</span> is taken out; {labels} labels bear it and keep it.
            </p>
          ))}
      </div>
      {parsed?.success === false && (
        <p className="setting-none" role="alert">
          {parsed.error.issues.map(({ path, message }) => `${path.join(' ')}: ${message}`).join('; ')}
        </p>
      )}
      {isAsking && draft && (
        <ConfirmDialog
          title={`Save ${draft.name}, version ${draft.version + 1}?`}
          sentence={`${changes.length} ${changes.length === 1 ? 'class changes' : 'classes change'}; ${touched} labels were given with what changes. Labels are never rewritten: each keeps the version that it was given in.`}
          verb="Save the new version"
          onConfirm={() => save.mutate(draft)}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  );
}

function ClassRow({
  one,
  change,
  onChange,
  onRemove,
}: {
  readonly one: TaxonomyClass;
  readonly change: { readonly change: keyof typeof WORDS; readonly labels: number } | undefined;
  readonly onChange: (next: TaxonomyClass) => void;
  readonly onRemove: () => void;
}) {
  return (
    <div className="taxonomy-row">
      <VerdictMark verdict={one.verdict} />
      <input
        className="palette-input"
        type="text"
        aria-label={`Name of ${one.id}`}
        value={one.name}
        maxLength={60}
        onChange={(event) => onChange({ ...one, name: event.target.value })}
      />
      <Menu
        name="counts as"
        choices={VERDICTS.map((verdict) => ({ value: verdict, label: verdict }))}
        value={one.verdict}
        isChosen={(verdict) => verdict === one.verdict}
        onChoose={(verdict) => onChange({ ...one, verdict })}
      />
      <Menu
        name="digit"
        choices={[undefined, ...'1234567890'].map((key) => ({ value: key, label: key ?? 'none' }))}
        value={one.key ?? 'none'}
        isChosen={(key) => key === one.key}
        onChoose={(key) => onChange({ ...one, key })}
      />
      <span className="dim ellipsis">
        {change && `${WORDS[change.change]}${change.labels > 0 ? `; ${change.labels} labels` : ''}`}
      </span>
      <button type="button" className="button" aria-label={`Take out ${one.name}`} onClick={onRemove}>
        Take out
      </button>
    </div>
  );
}

/** A class that no other is called like. */
function makeClass(classes: readonly TaxonomyClass[]): TaxonomyClass {
  let n = classes.length + 1;
  while (classes.some(({ id }) => id === `class-${n}`)) n++;
  return { id: `class-${n}`, name: `class ${n}`, verdict: 'bogus' };
}
