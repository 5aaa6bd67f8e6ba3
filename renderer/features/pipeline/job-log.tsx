import { useEffect, useRef } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { findBridge } from '../../api/bridge.ts';
import { useRunLog } from '../../api/jobs.ts';
import { formatClock, shortenPaths } from '../../ui/format.ts';
import { nameOfJob } from './job-row.tsx';

/** What went wrong with a job and on which files, and the tail of its log. */
export function JobLog({ run }: { readonly run: Run | undefined }) {
  const lines = useRunLog(run?.id);
  const list = useRef<HTMLOListElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what makes it scroll
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);
  if (run === undefined) return <section className="job-log" aria-label="Log" />;
  const paths = [run.sciencePath, run.templatePath];
  return (
    <section className="job-log" aria-label={`Log of ${nameOfJob(run)}`}>
      <dl className="job-facts selectable">
        {run.status === 'failed' && (
          <div>
            <dt className="dim">cause</dt>
            <dd>
              <strong>{shortenPaths(run.errorMessage ?? '', paths)}</strong>{' '}
              <span className="mono dim">{run.errorCode}</span>
            </dd>
          </div>
        )}
        <InputFile name="science" path={run.sciencePath} />
        <InputFile name="template" path={run.templatePath} />
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
      <ol className="log-lines mono selectable" ref={list} tabIndex={0} aria-label="Log lines">
        {lines.map((line) => (
          <li key={line.id} className={`log-${line.tone}`}>
            <span className="dim">{line.at === undefined ? 'now     ' : formatClock(line.at)}</span>{' '}
            {shortenPaths(line.text, paths)}
          </li>
        ))}
      </ol>
    </section>
  );
}

function InputFile({ name, path }: { readonly name: string; readonly path: string }) {
  const bridge = findBridge();
  return (
    <div>
      <dt className="dim">{name}</dt>
      <dd className="mono ellipsis" title={path}>
        {bridge === undefined ? (
          path
        ) : (
          <button type="button" className="link" onClick={() => void bridge.revealInFolder(path)}>
            {path}
          </button>
        )}
      </dd>
    </div>
  );
}
