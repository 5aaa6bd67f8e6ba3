import { describeFailure } from '../../api/client.ts';
import { useSystem } from '../../api/queries.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatDay, NOT_KNOWN } from '../../ui/format.ts';
import { FindingMark } from '../../ui/marks.tsx';

/** What this workstation is made of, what of it works, and the command that mends the rest. */
export function MachineSection() {
  const query = useSystem();
  const system = query.data;
  return (
    <div aria-busy={query.isFetching}>
      {query.isError && (
        <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
      )}
      {system && (
        <>
          <dl className="setting-facts selectable">
            {[
              ['AstrID', system.version],
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
  );
}
