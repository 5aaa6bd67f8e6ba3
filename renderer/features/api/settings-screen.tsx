import { describeFailure } from '../../api/client.ts';
import { useSystem } from '../../api/queries.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatDay, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { FindingMark } from '../../ui/marks.tsx';
import './settings.css';

/** What this workstation is made of, what of it works, and the command that mends the rest. */
export function SettingsScreen({ onQueue }: { readonly onQueue: () => void }) {
  const query = useSystem();
  const examine: Action = {
    id: 'settings.examine',
    title: 'Examine again',
    keys: ['R'],
    isEnabled: !query.isFetching,
    run: () => void query.refetch(),
  };
  const back: Action = { id: 'settings.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Settings', 'screen', [examine, back]);
  const system = query.data;
  return (
    <section className="screen" aria-label="Settings">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Settings</h1>
        <span className="dim">AstrID {system?.version}</span>
        <span className="top-gap" />
        <ActionButton action={examine} />
      </header>
      <div className="system" aria-busy={query.isFetching}>
        {query.isError && (
          <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
        )}
        {system && (
          <>
            <dl className="system-facts selectable">
              {[
                ['host', system.host],
                ['workspace', system.workspace],
                ['since', `${formatDay(system.startedAt)} ${formatClock(system.startedAt)} UTC`],
                ['threads', String(system.threads)],
                ['model', system.modelVersion ?? NOT_KNOWN],
                ['runs on', system.executionProvider ?? NOT_KNOWN],
              ].map(([name, value]) => (
                <div key={name}>
                  <dt className="dim">{name}</dt>
                  <dd className="mono">{value}</dd>
                </div>
              ))}
            </dl>
            <ul className="findings selectable">
              {system.findings.map((finding) => (
                <li key={finding.name}>
                  <FindingMark state={finding.state} />
                  <span>{finding.name}</span>
                  <span>{finding.message}</span>
                  {finding.remedy !== undefined && <code className="mono">{finding.remedy}</code>}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}
