import type { ReactNode } from 'react';
import type {
  Agreement,
  CuratorSkill,
  LabelWork,
  ModelEvaluation,
} from '../../../core/api/contract/index.ts';
import { useCurators } from '../../api/labelling.ts';
import { formatCount, formatFixed, NOT_KNOWN } from '../../ui/format.ts';

/** What a threshold calls right and wrong. */
export function ConfusionTable({ model }: { readonly model: ModelEvaluation }) {
  const { confusion } = model;
  const share = (value: (typeof confusion)['purity']): string =>
    value === undefined
      ? NOT_KNOWN
      : `${formatFixed(value.value, 3)} (${formatFixed(value.low, 3)} … ${formatFixed(value.high, 3)})`;
  return (
    <Panel title={`Confusion at ${confusion.threshold.toFixed(2)}`}>
      <table className="analytics-table">
        <thead>
          <tr>
            <th scope="col">labelled</th>
            <th scope="col">called real</th>
            <th scope="col">called bogus</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">real</th>
            <td>{formatCount(confusion.realCalledReal)}</td>
            <td>{formatCount(confusion.realCalledBogus)}</td>
          </tr>
          <tr>
            <th scope="row">bogus</th>
            <td>{formatCount(confusion.bogusCalledReal)}</td>
            <td>{formatCount(confusion.bogusCalledBogus)}</td>
          </tr>
        </tbody>
      </table>
      <p>
        <span className="dim">complete</span> <span className="mono">{share(confusion.completeness)}</span>
      </p>
      <p>
        <span className="dim">pure</span> <span className="mono">{share(confusion.purity)}</span>
      </p>
    </Panel>
  );
}

/** Who labelled how much and how fast. */
export function CuratorTable({ work }: { readonly work: LabelWork }) {
  return (
    <Panel title="Curators">
      {work.curators.length === 0 ? (
        <p className="dim">Nobody has labelled anything yet.</p>
      ) : (
        <table className="analytics-table">
          <thead>
            <tr>
              {['curator', 'labels', 'real', 'bogus', 'unsure', 'median s', 'per hour'].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {work.curators.map(
              ({ curator, labels, real, bogus, unsure, medianDecisionMs, labelsPerHour }) => (
                <tr key={curator}>
                  <th scope="row">{curator}</th>
                  <td>{formatCount(labels)}</td>
                  <td>{formatCount(real)}</td>
                  <td>{formatCount(bogus)}</td>
                  <td>{formatCount(unsure)}</td>
                  <td>
                    {formatFixed(medianDecisionMs === undefined ? undefined : medianDecisionMs / 1000, 1)}
                  </td>
                  <td>{labelsPerHour === undefined ? NOT_KNOWN : formatCount(labelsPerHour)}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      )}
      {work.curators.some(({ labels, real, bogus, unsure }) => labels > real + bogus + unsure) && (
        <p className="dim">
          Verdicts on what you have not judged yet are not told: they count as labels alone.
        </p>
      )}
    </Panel>
  );
}

/** How far people agree, and how well each of them tells. */
export function AgreementTable({
  agreement,
  skills,
}: {
  readonly agreement: Agreement | undefined;
  readonly skills: readonly CuratorSkill[];
}) {
  const rows: readonly (readonly [name: string, value: number | undefined])[] = [
    ['percent', agreement?.percent === undefined ? undefined : 100 * agreement.percent],
    ['Cohen κ', agreement?.cohenKappa],
    ['Krippendorff α', agreement?.krippendorffAlpha],
    ['Gwet AC1', agreement?.gwetAc1],
  ];
  return (
    <Panel title="Agreement">
      {agreement === undefined ? null : agreement.curators < 2 || agreement.items === 0 ? (
        <p className="dim">
          Needs at least two curators who labelled the same candidates; so far{' '}
          {['nobody has', 'one has'][agreement.curators] ?? `${agreement.curators} have`} labelled any, and{' '}
          {formatCount(agreement.items)} candidates have two labels.
        </p>
      ) : (
        <div className="analytics-two">
          <table className="analytics-table">
            <tbody>
              <tr>
                <th scope="row">in common</th>
                <td>{formatCount(agreement.items)}</td>
              </tr>
              {rows.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td
                    title={
                      value === undefined
                        ? 'has no meaning here: too few labels, one verdict, or not two curators'
                        : undefined
                    }
                  >
                    {formatFixed(value, name === 'percent' ? 1 : 3)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <SkillTable skills={skills} />
        </div>
      )}
    </Panel>
  );
}

/** How well each curator tells real from bogus, by all labels together, by gold, and by their own repeats. */
function SkillTable({ skills }: { readonly skills: readonly CuratorSkill[] }) {
  const curators = useCurators()?.items ?? [];
  return (
    <table className="analytics-table">
      <thead>
        <tr>
          <th scope="col">curator</th>
          <th scope="col" title="probability of the right word, by all labels together">
            skill
          </th>
          <th scope="col" title="right of those whose last word is known">
            gold
          </th>
          <th scope="col" title="the same word again, where a candidate was shown twice">
            repeats
          </th>
        </tr>
      </thead>
      <tbody>
        {skills.map(({ curator, accuracy, gold, selfAgreement }) => (
          <tr key={curator}>
            <th scope="row">{curators.find(({ id }) => id === curator)?.name ?? 'somebody'}</th>
            <td>{formatFixed(accuracy, 2)}</td>
            <td>{gold.total === 0 ? NOT_KNOWN : `${gold.right}/${gold.total}`}</td>
            <td>
              {selfAgreement?.percent === undefined
                ? NOT_KNOWN
                : `${formatFixed(100 * selfAgreement.percent, 0)} %`}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Panel({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="chart analytics-panel selectable" aria-label={title}>
      <header className="chart-head">
        <h3>{title}</h3>
      </header>
      <div className="analytics-body">{children}</div>
    </section>
  );
}
