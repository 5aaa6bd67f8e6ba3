import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ConsensusRules } from '../../../core/api/contract/index.ts';
import { client, describeFailure } from '../../api/client.ts';
import { consensusRules } from '../../api/labelling.ts';
import { Dialog } from '../../ui/dialog.tsx';

const FIELDS: readonly {
  readonly name: keyof ConsensusRules;
  readonly title: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}[] = [
  { name: 'labelsWanted', title: 'independent labels for every candidate', min: 1, max: 10, step: 1 },
  { name: 'labelsOnDispute', title: 'labels where the first ones disagree', min: 1, max: 15, step: 1 },
  {
    name: 'retireAt',
    title: 'probability at which a candidate is settled',
    min: 0.51,
    max: 0.999,
    step: 0.001,
  },
  { name: 'goldFraction', title: 'part of a queue whose answer is known', min: 0, max: 0.5, step: 0.01 },
  { name: 'repeatFraction', title: 'part of a queue that is shown again', min: 0, max: 0.5, step: 0.01 },
];

/** When a candidate has been judged often enough. */
export function RulesDialog({ onClose }: { readonly onClose: () => void }) {
  const { data } = useQuery(consensusRules);
  return (
    <Dialog title="Rules of consensus" onClose={onClose}>
      {data !== undefined && <RulesForm rules={data} onClose={onClose} />}
    </Dialog>
  );
}

function RulesForm({ rules, onClose }: { readonly rules: ConsensusRules; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(rules);
  const [failure, setFailure] = useState<string>();
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await client.curation.putConsensus(draft);
      await queries.invalidateQueries();
      onClose();
    } catch (error) {
      setFailure(describeFailure(error).message);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)}>
      {FIELDS.map(({ name, title, ...range }) => (
        <label className="text-field" key={name}>
          <span className="dim">{title}</span>
          <input
            type="number"
            required
            {...range}
            value={draft[name]}
            onChange={({ target }) => setDraft({ ...draft, [name]: Number(target.value) })}
          />
        </label>
      ))}
      <p className="dim">The state of every labelled candidate follows at once; no label is touched.</p>
      {failure !== undefined && <p role="alert">{failure}</p>}
      <div className="dialog-foot">
        <button type="submit" className="button button-primary">
          Use these rules
        </button>
      </div>
    </form>
  );
}
