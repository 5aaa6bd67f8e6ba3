import type { ModelEvaluation, ScoreCounts } from '../../../core/api/contract/index.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';
import { calibrate, countAbove } from './measure-quality.ts';

const SIDE = 204;
const EDGE = { left: 42, bottom: 26, top: 8, right: 8 };
const INNER = SIDE - EDGE.left - EDGE.right;
const TALL = SIDE - EDGE.top - EDGE.bottom;

const x = (share: number): number => EDGE.left + share * INNER;
const y = (share: number): number => EDGE.top + (1 - share) * TALL;

/** A square from 0 to 1 both ways. */
function Square({
  title,
  across,
  up,
  summary,
  children,
}: {
  readonly title: string;
  readonly across: string;
  readonly up: string;
  readonly summary: string;
  readonly children: React.ReactNode;
}) {
  return (
    <figure className="quality-plot">
      <figcaption>{title}</figcaption>
      <svg width={SIDE} height={SIDE} role="img" aria-label={summary}>
        {[0, 0.5, 1].map((share) => (
          <g key={share} className="quality-grid">
            <path d={`M${x(0)} ${y(share)}H${x(1)}M${x(share)} ${y(0)}V${y(1)}`} />
            <text x={x(0) - 5} y={y(share) + 4} textAnchor="end">
              {share}
            </text>
            <text x={x(share)} y={y(0) + 13} textAnchor="middle">
              {share}
            </text>
          </g>
        ))}
        <text className="quality-name" x={x(0.5)} y={SIDE - 2} textAnchor="middle">
          {across}
        </text>
        <text className="quality-name" transform={`translate(10 ${y(0.5)}) rotate(-90)`} textAnchor="middle">
          {up}
        </text>
        {children}
      </svg>
    </figure>
  );
}

/** Precision against recall, from the labels of this workspace, with the threshold on it. */
export function QualityPlot({
  counts,
  evaluation,
  threshold,
}: {
  readonly counts: ScoreCounts;
  /** Of every score as it is: steps would call those of one step alike. */
  readonly evaluation: ModelEvaluation | undefined;
  readonly threshold: number;
}) {
  const area = evaluation?.averagePrecision;
  const points = curveOf(evaluation);
  const now = countAbove(counts, threshold);
  if (area === undefined)
    return (
      <NotYet title="Precision and recall">
        It takes at least one label real and one bogus among this model's candidates.
      </NotYet>
    );
  const path = points.map(({ completeness, purity }) => `${x(completeness)},${y(purity)}`).join(' ');
  return (
    <>
      <Square
        title="Precision and recall"
        across="recall"
        up="precision"
        summary={`Average precision ${formatFixed(area, 3)} over the labels of this workspace`}
      >
        <polyline className="quality-line" points={path} />
        {now.completeness !== undefined && now.purity !== undefined && (
          <circle className="quality-point" cx={x(now.completeness)} cy={y(now.purity)} r="4" />
        )}
        <text className="quality-value" x={x(0.04)} y={y(0.06)}>
          AP {formatFixed(area, 3)}
        </text>
      </Square>
      <PointTable
        name="Precision and recall"
        head={['threshold', 'recall', 'precision']}
        rows={points.map((point) => [point.threshold, point.completeness, point.purity])}
      />
    </>
  );
}

/** Recall and precision at each threshold, strictest first; empty without labels of both kinds. */
export function curveOf(
  evaluation: ModelEvaluation | undefined,
): readonly { readonly threshold: number; readonly completeness: number; readonly purity: number }[] {
  return (evaluation?.points ?? []).map(({ threshold, completeness, purity }) => ({
    threshold,
    completeness: completeness.value,
    purity: purity.value,
  }));
}

/** How often a score means real, with 68 % intervals: on the diagonal the score is a probability. */
export function CalibrationPlot({ counts }: { readonly counts: ScoreCounts }) {
  const bins = calibrate(counts);
  if (bins.length === 0)
    return <NotYet title="Calibration">No candidate of this model bears a label yet.</NotYet>;
  return (
    <>
      <Square
        title="Calibration"
        across="score"
        up="share real"
        summary={`Share of real in ${bins.length} ranges of score`}
      >
        <path className="quality-diagonal" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
        {bins.map((bin) => (
          <g key={bin.score} className="quality-bin">
            <path d={`M${x(bin.score)} ${y(bin.low)}V${y(bin.high)}`} />
            <circle cx={x(bin.score)} cy={y(bin.realShare)} r="3" />
          </g>
        ))}
      </Square>
      <PointTable
        name="Calibration"
        head={['score', 'share real', 'labels']}
        rows={bins.map((bin) => [bin.score, bin.realShare, bin.count])}
      />
    </>
  );
}

/** How scores lie: labelled real up, bogus down, all as an outline; the threshold is a line. */
export function ScorePlot({
  counts,
  threshold,
}: {
  readonly counts: ScoreCounts;
  readonly threshold: number;
}) {
  const STEP = 4;
  const gather = (bins: readonly number[]) =>
    Array.from({ length: bins.length / STEP }, (_, i) =>
      bins.slice(i * STEP, (i + 1) * STEP).reduce((sum, n) => sum + n, 0),
    );
  const [real, bogus, rest] = [
    gather(counts.real),
    gather(counts.bogus),
    gather(counts.unlabelled.map((n, i) => n + counts.unsure[i]!)),
  ] as [number[], number[], number[]];
  // A square root shows one candidate beside a thousand.
  const most = Math.sqrt(Math.max(1, ...real.map((n, i) => n + bogus[i]! + rest[i]!)));
  const width = 460;
  const bar = width / real.length;
  const tall = 74;
  const height = (n: number): number => (Math.sqrt(n) / most) * tall;
  return (
    <svg className="score-plot" width={width} height={tall + 16} role="img" aria-label="How scores lie">
      {real.map((_, i) => {
        const all = height(real[i]! + bogus[i]! + rest[i]!);
        const labelled = height(real[i]! + bogus[i]!);
        const wrong = height(bogus[i]!);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps of score never change
          <g key={i} transform={`translate(${i * bar} 0)`}>
            <rect className="score-all" y={tall - all} width={bar - 1} height={all} />
            <rect className="score-real" y={tall - labelled} width={bar - 1} height={labelled - wrong} />
            <rect className="score-bogus" y={tall - wrong} width={bar - 1} height={wrong} />
          </g>
        );
      })}
      <path className="score-threshold" d={`M${threshold * width} 0V${tall}`} />
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <text
          key={share}
          className="quality-number"
          x={share * width}
          y={tall + 13}
          textAnchor={share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}
        >
          {share}
        </text>
      ))}
    </svg>
  );
}

function NotYet({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <figure className="quality-plot">
      <figcaption>{title}</figcaption>
      <p className="dim quality-none">{children}</p>
    </figure>
  );
}

/** The numbers of a plot, for those who do not see it. */
function PointTable({
  name,
  head,
  rows,
}: {
  readonly name: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly number[])[];
}) {
  return (
    <table className="unseen">
      <caption>{name}</caption>
      <thead>
        <tr>
          {head.map((cell) => (
            <th key={cell} scope="col">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.join(' ')}>
            {row.map((value, i) => (
              <td key={head[i]}>{Number.isInteger(value) ? formatCount(value) : formatFixed(value, 3)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
