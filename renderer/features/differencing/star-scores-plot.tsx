import type { DifferenceFacts } from '../../../core/api/contract/index.ts';
import { binScores, REACH } from './review-view.ts';

const WIDTH = 272;
const HEIGHT = 46;
const STEP = WIDTH / (2 * REACH);

/** What constant stars left in the score image: a core of noise, and tails where the subtraction does not fit. */
export function StarScoresPlot({ scores }: { readonly scores: NonNullable<DifferenceFacts['starScores']> }) {
  const bins = binScores(scores.map(({ score }) => score));
  const most = Math.max(1, ...bins);
  const beyond = scores.filter(({ score }) => Math.abs(score) > 5).length;
  const x = (sigma: number): number => (sigma + REACH) * STEP;
  return (
    <figure className="star-scores">
      <figcaption className="dim">
        worst S_corr at {scores.length} constant stars, <span className="mono">{beyond}</span> beyond 5 σ
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT + 12}`}
        role="img"
        aria-label={`Worst S_corr at ${scores.length} constant stars: ${beyond} lie beyond 5 sigma`}
      >
        {bins.map((count, n) => {
          const sigma = n - REACH;
          // Counts span decades: a tail of one star must be seen beside a core of hundreds.
          const height = count === 0 ? 0 : (HEIGHT * Math.log1p(count)) / Math.log1p(most);
          const isTail = sigma >= 5 || sigma < -5;
          return (
            <rect
              key={sigma}
              className={isTail ? 'star-scores-tail' : 'star-scores-core'}
              x={n * STEP + 0.5}
              y={HEIGHT - height}
              width={STEP - 1}
              height={height}
            >
              <title>{`${count} stars from ${sigma} to ${sigma + 1} sigma`}</title>
            </rect>
          );
        })}
        <path className="star-scores-axis" d={`M0 ${HEIGHT}H${WIDTH}`} />
        <path className="star-scores-limit" d={`M${x(-5)} 0V${HEIGHT}M${x(5)} 0V${HEIGHT}`} />
        {[-5, 0, 5].map((sigma) => (
          <text key={sigma} x={x(sigma)} y={HEIGHT + 7}>
            {sigma === 5 ? '5 σ' : sigma}
          </text>
        ))}
      </svg>
    </figure>
  );
}
