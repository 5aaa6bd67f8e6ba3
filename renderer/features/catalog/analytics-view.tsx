import { type ReactNode, useMemo, useState } from 'react';
import type { LabelWork, ModelEvaluation } from '../../../core/api/contract/index.ts';
import { useDepths, useLabelWork, useModelEvaluations } from '../../api/catalog.ts';
import { describeFailure } from '../../api/client.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatCount, formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { Menu } from '../../ui/menu.tsx';
import { Plot } from '../../ui/plot.tsx';
import { AgreementTable, ConfusionTable, CuratorTable } from './analytics-tables.tsx';
import {
  drawCalibration,
  drawDays,
  drawDepths,
  drawPrecision,
  drawRoc,
  drawScores,
  tableOfCalibration,
  tableOfDepths,
  tableOfPoints,
  tableOfScores,
} from './draw-analytics.ts';
import './analytics.css';

const NO_MODEL: ModelEvaluation = {
  modelVersion: '',
  real: 0,
  bogus: 0,
  unsure: 0,
  scoreBins: {},
  confusion: {
    threshold: 0.5,
    realCalledReal: 0,
    bogusCalledReal: 0,
    realCalledBogus: 0,
    bogusCalledBogus: 0,
  },
  points: [],
  calibration: [],
};
const NO_WORK: LabelWork = { curators: [], days: [] };

/** How good the scores are, how deep the images, and how the people work and agree. */
export function AnalyticsView({
  isTabular,
  head,
  onLeave,
}: {
  readonly isTabular: boolean;
  readonly head: (rest: ReactNode) => ReactNode;
  readonly onLeave: () => void;
}) {
  const [threshold, setThreshold] = useState(0.5);
  const [modelName, setModelName] = useState<string>();
  const models = useModelEvaluations(threshold);
  const model = models.data?.find(({ modelVersion }) => modelVersion === modelName) ?? models.data?.[0];
  const depths = useDepths();
  const { work, agreement } = useLabelWork();
  const step = (by: number) => (): void =>
    setThreshold((now) => Math.min(1, Math.max(0, Math.round((now + by) * 100) / 100)));
  const actions: Action[] = [
    { id: 'analytics.lower', title: 'Lower threshold', keys: ['['], repeats: true, run: step(-0.01) },
    { id: 'analytics.higher', title: 'Higher threshold', keys: [']'], repeats: true, run: step(0.01) },
    { id: 'analytics.queue', title: 'Back to the queue', keys: ['Escape'], run: onLeave },
  ];
  useActions('Analytics', 'screen', actions);
  const labelled = (model?.real ?? 0) + (model?.bogus ?? 0);
  return (
    <section className="screen" aria-label="Analytics">
      {head(
        <>
          {model !== undefined && (
            <Menu
              name="model"
              choices={(models.data ?? []).map(({ modelVersion }) => ({
                value: modelVersion,
                label: modelVersion,
              }))}
              value={model.modelVersion}
              isChosen={(name) => name === model.modelVersion}
              onChoose={setModelName}
            />
          )}
          <label className="analytics-threshold">
            <span className="dim">threshold</span>
            <input
              type="range"
              min="0"
              max="1"
              step="0.01"
              value={threshold}
              onChange={(event) => setThreshold(Number(event.target.value))}
            />
            <span className="mono">{threshold.toFixed(2)}</span>
          </label>
          <span className="dim">
            {model === undefined ? '' : `${formatCount(labelled)} labelled real or bogus`}
          </span>
        </>,
      )}
      <div className="analytics" data-region="plots">
        <ModelPlots model={model ?? NO_MODEL} isPending={models.isPending} isTabular={isTabular} />
        <DepthPlot depths={depths.data} isTabular={isTabular} />
        <WorkPlot work={work.data ?? NO_WORK} isTabular={isTabular} />
        <ConfusionTable model={model ?? NO_MODEL} />
        <CuratorTable work={work.data ?? NO_WORK} />
        <AgreementTable agreement={agreement.data?.all} skills={agreement.data?.skills ?? []} />
      </div>
      {models.isError && (
        <FailureNote failure={describeFailure(models.error)} onRetry={() => void models.refetch()} />
      )}
    </section>
  );
}

function ModelPlots({
  model,
  isPending,
  isTabular,
}: {
  readonly model: ModelEvaluation;
  readonly isPending: boolean;
  readonly isTabular: boolean;
}) {
  const scores = useMemo(() => drawScores(model), [model]);
  const roc = useMemo(() => drawRoc(model), [model]);
  const precision = useMemo(() => drawPrecision(model), [model]);
  const calibration = useMemo(() => drawCalibration(model), [model]);
  const labelled = model.real + model.bogus + model.unsure;
  const missing = isPending ? '' : 'Needs labels: real and bogus ones, of any curator.';
  const both = model.points.length > 0 ? undefined : missing;
  const { rocArea, averagePrecision, brier, calibrationError } = model;
  const area =
    rocArea === undefined
      ? undefined
      : `area ${formatFixed(rocArea.value, 3)} ± ${formatFixed(rocArea.error, 3)}`;
  return (
    <>
      <Plot
        title="Scores by verdict"
        note={labelled > 0 ? `${formatCount(model.real)} real, ${formatCount(model.bogus)} bogus` : undefined}
        summary={`Scores of ${model.real} real and ${model.bogus} bogus candidates`}
        none={labelled > 0 ? undefined : missing}
        draw={scores}
        table={() => tableOfScores(model)}
        isTabular={isTabular}
      />
      <Plot
        title="ROC"
        note={area && `${area}; band: Wilson 95 % a point`}
        summary={`Real called real against bogus called real; ${area ?? ''}`}
        none={both}
        draw={roc}
        table={() => tableOfPoints(model)}
        isTabular={isTabular}
      />
      <Plot
        title="Precision, recall"
        note={
          averagePrecision === undefined ? undefined : `mean ${formatFixed(averagePrecision, 3)}; Wilson 95 %`
        }
        summary={`Purity against completeness; average precision ${formatFixed(averagePrecision, 3)}`}
        none={both}
        draw={precision}
        table={() => tableOfPoints(model)}
        isTabular={isTabular}
      />
      <Plot
        title="Calibration"
        note={
          brier === undefined
            ? undefined
            : `Brier ${formatFixed(brier, 3)}, ECE ${formatFixed(calibrationError, 3)}`
        }
        summary={`Part that is real against mean score; Brier score ${formatFixed(brier, 3)}, expected calibration error ${formatFixed(calibrationError, 3)}`}
        none={model.calibration.length > 0 ? undefined : missing}
        draw={calibration}
        table={() => tableOfCalibration(model)}
        isTabular={isTabular}
      />
    </>
  );
}

function DepthPlot({
  depths,
  isTabular,
}: {
  readonly depths: Parameters<typeof drawDepths>[0] | undefined;
  readonly isTabular: boolean;
}) {
  const draw = useMemo(() => drawDepths(depths ?? []), [depths]);
  const images = depths ?? [];
  return (
    <Plot
      title="Completeness of images"
      note={images.length > 0 ? `${formatCount(images.length)} newest; bold: the last` : undefined}
      summary={`Part of injected stars found against S/N, of ${images.length} images`}
      none={
        images.length > 0 ? undefined : depths === undefined ? '' : 'No image has had stars injected yet.'
      }
      draw={draw}
      table={() => tableOfDepths(images)}
      isTabular={isTabular}
    />
  );
}

function WorkPlot({ work, isTabular }: { readonly work: LabelWork; readonly isTabular: boolean }) {
  const draw = useMemo(() => drawDays(work), [work]);
  return (
    <Plot
      title="Labels a day"
      note="UTC"
      summary={`Labels on each of ${work.days.length} days`}
      none={work.days.length > 0 ? undefined : 'Nobody has labelled anything yet.'}
      draw={draw}
      table={() => ({
        head: ['day', 'labels'],
        rows: work.days.map(({ day, labels }) => [day, formatCount(labels)]),
      })}
      isTabular={isTabular}
    />
  );
}
