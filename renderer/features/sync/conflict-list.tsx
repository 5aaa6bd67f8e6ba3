import type { SyncConflict } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { nameShared } from './words.ts';

/** Fields that people set without knowing of each other, side by side. */
export function ConflictList({
  conflicts,
  selected,
  keep,
  onSelect,
}: {
  readonly conflicts: readonly SyncConflict[];
  readonly selected: number;
  /** What the keys 1, 2, 3 do with the selected one. */
  readonly keep: readonly Action[];
  readonly onSelect: (at: number) => void;
}) {
  if (conflicts.length === 0)
    return <p className="dim">None. Labels never conflict; names, profiles and rules may.</p>;
  return (
    <ul className="conflicts">
      {conflicts.map((conflict, at) => (
        <li key={`${conflict.entity} ${conflict.key} ${conflict.field}`} aria-current={at === selected}>
          <button type="button" className="conflict-head" onClick={() => onSelect(at)}>
            {nameShared(conflict.entity)} · {conflict.field}{' '}
            <span className="mono dim ellipsis">{conflict.key}</span>
          </button>
          <ol className="conflict-values">
            {[conflict.current, ...conflict.losers].map((version, which) => (
              <li key={version.id}>
                <span className="dim">
                  {which === 0 ? 'holds now' : 'lost'} · {version.author ?? 'this workstation'}
                </span>
                <span className="mono conflict-value">{writeValue(version.value)}</span>
                {at === selected && keep[which] && <ActionButton action={keep[which]} look="outline" />}
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ul>
  );
}

function writeValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 1);
}
