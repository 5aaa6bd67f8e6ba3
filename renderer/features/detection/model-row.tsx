import type { Model, Throughput } from '../../../core/api/contract/index.ts';
import { useModelEvaluation } from '../../api/catalog.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';
import { StateMark } from '../../ui/marks.tsx';
import { curveOf } from './quality-plots.tsx';

/** One version of a model: what it is, where it computes, how fast and how good. */
export function ModelRow({
  model,
  isSelected,
  throughput,
  onSelect,
}: {
  readonly model: Model;
  readonly isSelected: boolean;
  readonly throughput: Throughput | undefined;
  readonly onSelect: () => void;
}) {
  const precision = readNumber(model.metrics, 'withoutVetoed', 'averagePrecision');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: J and K walk the list
    <div role="option" tabIndex={-1} aria-selected={isSelected} className="model-row" onClick={onSelect}>
      <div className="model-name">
        <StateMark state={model.problem !== undefined ? 'failed' : model.isInUse ? 'done' : 'queued'} />
        <strong>{model.name}</strong> <span className="mono">{model.version}</span>
        <span className="top-gap" />
        <span className="dim">{describeUse(model)}</span>
      </div>
      <div className="model-facts">
        <dl>
          <Fact name="runs on" value={model.executionProvider ?? '–'} />
          <Fact
            name="speed"
            value={throughput === undefined ? '–' : `${formatCount(throughput.rows / throughput.seconds)}/s`}
          />
          <Fact
            name="size"
            value={model.bytes === undefined ? '–' : `${formatCount(model.bytes / 1000)} kB`}
          />
          <Fact name="test set AP" value={formatFixed(precision, 4)} />
        </dl>
        <CurveSpark modelVersion={model.modelVersion} />
      </div>
      {model.notes.length > 0 && <p className="dim model-note">{model.notes.join('; ')}</p>}
    </div>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt className="dim">{name}</dt>
      <dd className="mono">{value}</dd>
    </div>
  );
}

/** Precision against recall in the size of a word, from the labels of this workspace. */
function CurveSpark({ modelVersion }: { readonly modelVersion: string }) {
  const points = curveOf(useModelEvaluation(modelVersion));
  const side = 44;
  return (
    <svg
      className="curve-spark"
      width={side}
      height={side}
      role="img"
      aria-label={points.length === 0 ? 'No labels yet' : 'Precision against recall, by the labels here'}
    >
      <rect x="0.5" y="0.5" width={side - 1} height={side - 1} />
      <polyline
        points={points
          .map(
            ({ completeness, purity }) => `${1 + completeness * (side - 2)},${1 + (1 - purity) * (side - 2)}`,
          )
          .join(' ')}
      />
    </svg>
  );
}

function describeUse({ isInUse, isChosen, problem }: Model): string {
  if (problem !== undefined) return 'cannot be used';
  if (isInUse && isChosen) return 'scores';
  if (isChosen) return 'scores from the next run on';
  return isInUse ? 'scores until the next run' : 'installed';
}

function readNumber(
  metrics: Readonly<Record<string, unknown>>,
  ...path: readonly string[]
): number | undefined {
  const found = path.reduce<unknown>(
    (at, name) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[name] : undefined),
    metrics,
  );
  return typeof found === 'number' ? found : undefined;
}
