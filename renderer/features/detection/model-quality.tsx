import { type Ref, useState } from 'react';
import type { Model, ScoreCounts } from '../../../core/api/contract/index.ts';
import { useModelEvaluation } from '../../api/catalog.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';
import { countAbove } from './measure-quality.ts';
import { CalibrationPlot, QualityPlot, ScorePlot } from './quality-plots.tsx';

/** How good a model is by the labels of this workspace, and what a threshold would keep. */
export function ModelQuality({
  model,
  counts,
  ref,
}: {
  readonly model: Model;
  readonly counts: ScoreCounts;
  readonly ref: Ref<HTMLInputElement>;
}) {
  const [threshold, setThreshold] = useState(model.threshold ?? 0.5);
  const above = countAbove(counts, threshold);
  const all = countAbove(counts, 0);
  const share = (value: number | undefined): string =>
    value === undefined ? '–' : `${formatFixed(100 * value, 1)} %`;
  return (
    <section className="model-quality" aria-label="Quality by the labels of this workspace">
      <div className="quality-threshold">
        <label htmlFor="model-threshold">
          Threshold <span className="mono">{threshold.toFixed(3)}</span>
          {threshold === model.threshold && <span className="dim"> the model's own</span>}
        </label>
        <ScorePlot counts={counts} threshold={threshold} />
        <input
          id="model-threshold"
          ref={ref}
          className="range"
          type="range"
          min={0}
          max={1}
          step={0.005}
          value={threshold}
          onChange={(event) => setThreshold(Number(event.target.value))}
        />
        <dl className="quality-counts">
          <div>
            <dt className="dim">candidates above</dt>
            <dd className="mono">
              {formatCount(above.all)} of {formatCount(all.all)}
            </dd>
          </div>
          <div>
            <dt className="dim">without a label</dt>
            <dd className="mono">{formatCount(above.unlabelled)}</dd>
          </div>
          <div>
            <dt className="dim">real kept</dt>
            <dd className="mono">
              {formatCount(above.real)} of {formatCount(all.real)}, {share(above.completeness)}
            </dd>
          </div>
          <div>
            <dt className="dim">bogus kept</dt>
            <dd className="mono">
              {formatCount(above.bogus)} of {formatCount(all.bogus)}
            </dd>
          </div>
          <div>
            <dt className="dim">precision</dt>
            <dd className="mono">{share(above.purity)}</dd>
          </div>
        </dl>
      </div>
      <QualityPlot
        counts={counts}
        evaluation={useModelEvaluation(model.modelVersion)}
        threshold={threshold}
      />
      <CalibrationPlot counts={counts} />
    </section>
  );
}
