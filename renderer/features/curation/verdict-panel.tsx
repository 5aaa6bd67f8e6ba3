import type { Label } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { VerdictMark } from '../../ui/marks.tsx';

/** Why something is not real; the key of each labels the candidate bogus for that reason. */
export const REASONS = [
  'dipole',
  'cosmic ray',
  'bad pixels',
  'saturated',
  'spike or ghost',
  'moving',
] as const;

/** The decisions, each with its key. */
export function VerdictPanel({
  verdicts,
  reasons,
  others,
  label,
}: {
  readonly verdicts: readonly (Action & { readonly verdict: 'real' | 'bogus' | 'unsure' })[];
  readonly reasons: readonly Action[];
  readonly others: readonly Action[];
  /** The label that counts now. */
  readonly label: Label | undefined;
}) {
  return (
    <section className="verdict-panel" aria-label="Verdict">
      <div className="verdicts">
        {verdicts.map((action) => (
          <ActionButton
            key={action.id}
            action={action}
            look="outline"
            isPressed={label?.verdict === action.verdict}
          >
            <VerdictMark verdict={action.verdict} /> {action.title}
          </ActionButton>
        ))}
      </div>
      <div className="reasons">
        {reasons.map((action, i) => (
          <ActionButton key={action.id} action={action} isPressed={label?.reason === REASONS[i]}>
            {REASONS[i]}
          </ActionButton>
        ))}
      </div>
      <div className="reasons">
        {others.map((action) => (
          <ActionButton key={action.id} action={action} />
        ))}
      </div>
    </section>
  );
}
