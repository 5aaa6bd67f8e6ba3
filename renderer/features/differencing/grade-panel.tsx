import type { DifferenceFacts } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { GradeMark } from '../../ui/marks.tsx';
import { StarScoresPlot } from './star-scores-plot.tsx';

/** The grade of a difference and why: every number with where it should be, and what follows from those that are off. */
export function GradePanel({
  facts,
  whyNone,
  overlays,
  isOn,
  magnification,
}: {
  readonly facts: DifferenceFacts;
  /** Said where there is no difference. */
  readonly whyNone: string;
  /** What can be drawn over the images, and what of it is. */
  readonly overlays: Readonly<Record<'residuals' | 'stars', Action>>;
  readonly isOn: Readonly<Record<'residuals' | 'stars', boolean>>;
  /** How many times longer than true residuals are drawn. */
  readonly magnification: number;
}) {
  const { checks, remarks, grade, method, registration, starScores } = facts;
  if (checks.length === 0) return <p className="grade-none dim">{whyNone}</p>;
  const off = checks.filter((check) => check.grade !== 'green');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="grade-panel" aria-label="Grade and why" tabIndex={0}>
      <h2 className="grade-head">
        {grade && <GradeMark grade={grade} />} Graded {grade}
        <span className="dim mono">{method}</span>
      </h2>
      {off.map(({ name, grade: how, sentence }) => (
        <p key={name} className="grade-reason selectable">
          <GradeMark grade={how} /> {sentence}
        </p>
      ))}
      {off.length === 0 && <p className="grade-reason dim">Every number is where it should be.</p>}
      {remarks.map((remark) => (
        <p key={remark} className="grade-reason dim selectable">
          {remark}
        </p>
      ))}
      <table className="grade-checks">
        <colgroup>
          <col className="grade-col-mark" />
          <col />
          <col className="grade-col-value" />
          <col className="grade-col-accepted" />
        </colgroup>
        <thead className="unseen">
          <tr>
            <th>Grade</th>
            <th>What</th>
            <th>Measured</th>
            <th>Accepted</th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.name} title={check.sentence}>
              <td>
                <GradeMark grade={check.grade} />
              </td>
              <td className="ellipsis">{check.name}</td>
              <td className="number">{check.value}</td>
              <td className="grade-accepted dim">{check.accepted}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {starScores === undefined ? (
        <p className="grade-reason dim">This run was made before the scores of single stars were kept.</p>
      ) : (
        <StarScoresPlot scores={starScores} />
      )}
      {registration && (
        <p className="grade-reason" title={`Registered by ${registration.method}`}>
          <span className="dim">registered</span>
          <span className="mono"> {formatFixed(registration.rmsPx, 3)}</span>{' '}
          <span className="dim">px rms of</span>
          <span className="mono"> {registration.matched}</span> <span className="dim">stars, overlap</span>
          <span className="mono"> {formatFixed(100 * registration.overlap, 0)}</span>{' '}
          <span className="dim">%</span>
        </p>
      )}
      <div className="grade-overlays">
        <ActionButton action={overlays.residuals} isPressed={isOn.residuals}>
          residuals <span className="mono">×{magnification}</span>
        </ActionButton>
        <ActionButton action={overlays.stars} isPressed={isOn.stars}>
          stars left
        </ActionButton>
      </div>
    </section>
  );
}
