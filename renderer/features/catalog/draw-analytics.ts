import type { ImageDepth, LabelWork, ModelEvaluation, Share } from '../../../core/api/contract/index.ts';
import { formatCount, formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import type { Figure, PlotColours, PlotTable } from '../../ui/plot.tsx';

const UNIT_AXIS = { range: [-0.02, 1.02], dtick: 0.25 };

/** Draw a band between two curves and a line in it. */
function band(
  x: readonly number[],
  shares: readonly Share[],
  colours: PlotColours,
  hover: readonly string[],
): Figure['traces'] {
  return [
    {
      type: 'scatter',
      mode: 'lines',
      x: [...x, ...x.toReversed()],
      y: [...shares.map(({ high }) => high), ...shares.map(({ low }) => low).toReversed()],
      fill: 'toself',
      fillcolor: colours.band,
      line: { width: 0, color: colours.band },
      hoverinfo: 'skip',
    },
    {
      type: 'scatter',
      mode: 'lines',
      x: [...x],
      y: shares.map(({ value }) => value),
      line: { color: colours.accent, width: 1.5 },
      text: [...hover],
      hovertemplate: '%{text}<extra></extra>',
    },
  ] as Figure['traces'];
}

function mark(x: number | undefined, y: number | undefined, colours: PlotColours): Figure['traces'][number] {
  return {
    type: 'scatter',
    mode: 'markers',
    x: x === undefined ? [] : [x],
    y: y === undefined ? [] : [y],
    marker: { symbol: 'diamond', size: 9, color: colours.text },
    hovertemplate: 'at the threshold<extra></extra>',
  } as Figure['traces'][number];
}

function diagonal(colours: PlotColours): Partial<Plotly.Shape> {
  return { type: 'line', x0: 0, y0: 0, x1: 1, y1: 1, line: { color: colours.dim, width: 1, dash: 'dot' } };
}

/** Draw scores of labelled candidates, verdicts beside each other. */
export function drawScores({ scoreBins, confusion }: ModelEvaluation) {
  return (colours: PlotColours): Figure => ({
    traces: (['real', 'bogus', 'unsure'] as const)
      .filter((verdict) => scoreBins[verdict] !== undefined)
      .map((verdict) => ({
        type: 'bar',
        name: verdict,
        x: scoreBins[verdict]!.map((_, k) => (k + 0.5) / scoreBins[verdict]!.length),
        y: scoreBins[verdict]!,
        marker: {
          color: { real: colours.ok, bogus: colours.error, unsure: colours.warn }[verdict],
          pattern: {
            shape: { real: '', bogus: 'x', unsure: '.' }[verdict],
            fillmode: 'overlay',
            fgcolor: colours.panel,
            size: 5,
            solidity: 0.35,
          },
        },
        hovertemplate: `%{x:.3f}: %{y} ${verdict}<extra></extra>`,
      })) as Figure['traces'],
    layout: {
      barmode: 'group',
      bargap: 0.1,
      dragmode: false,
      xaxis: { title: { text: 'score' }, ...UNIT_AXIS },
      yaxis: { title: { text: 'labelled' }, rangemode: 'tozero' },
      shapes: [
        {
          type: 'line',
          x0: confusion.threshold,
          x1: confusion.threshold,
          yref: 'paper',
          y0: 0,
          y1: 1,
          line: { color: colours.accent, width: 1 },
        },
      ],
      showlegend: true,
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', bgcolor: 'rgba(0,0,0,0)' },
    } as Figure['layout'],
  });
}

/** Draw the part of the real that is found against the part of the bogus let through. */
export function drawRoc({ points, confusion }: ModelEvaluation) {
  const { bogusCalledReal, bogusCalledBogus } = confusion;
  const bogus = bogusCalledReal + bogusCalledBogus;
  return (colours: PlotColours): Figure => ({
    traces: [
      ...band(
        [0, ...points.map(({ falseAlarms }) => falseAlarms.value)],
        [{ value: 0, low: 0, high: 0 }, ...points.map(({ completeness }) => completeness)],
        colours,
        ['', ...points.map(describePoint)],
      ),
      mark(bogus > 0 ? bogusCalledReal / bogus : undefined, confusion.completeness?.value, colours),
    ],
    layout: {
      dragmode: false,
      xaxis: { title: { text: 'bogus called real' }, ...UNIT_AXIS },
      yaxis: { title: { text: 'real called real' }, ...UNIT_AXIS },
      shapes: [diagonal(colours)],
    } as Figure['layout'],
  });
}

/** Draw the purity of what is called real against its completeness. */
export function drawPrecision({ points, confusion }: ModelEvaluation) {
  return (colours: PlotColours): Figure => ({
    traces: [
      ...band(
        points.map(({ completeness }) => completeness.value),
        points.map(({ purity }) => purity),
        colours,
        points.map(describePoint),
      ),
      mark(confusion.completeness?.value, confusion.purity?.value, colours),
    ],
    layout: {
      dragmode: false,
      xaxis: { title: { text: 'completeness (recall)' }, ...UNIT_AXIS },
      yaxis: { title: { text: 'purity (precision)' }, ...UNIT_AXIS },
    } as Figure['layout'],
  });
}

function describePoint({ threshold, completeness, purity }: ModelEvaluation['points'][number]): string {
  return `from ${threshold.toFixed(3)}: ${completeness.value.toFixed(3)} complete, ${purity.value.toFixed(3)} pure`;
}

/** Draw how many of each score were real. */
export function drawCalibration({ calibration }: ModelEvaluation) {
  return (colours: PlotColours): Figure => ({
    traces: [
      {
        type: 'scatter',
        mode: 'markers',
        x: calibration.map(({ meanScore }) => meanScore),
        y: calibration.map(({ realShare }) => realShare.value),
        error_y: {
          type: 'data',
          symmetric: false,
          array: calibration.map(({ realShare }) => realShare.high - realShare.value),
          arrayminus: calibration.map(({ realShare }) => realShare.value - realShare.low),
          color: colours.dim,
          thickness: 1,
          width: 2,
        },
        marker: { size: 6, color: colours.accent },
        text: calibration.map(({ count }) => String(count)),
        hovertemplate: 'mean score %{x:.3f}: %{y:.3f} real of %{text}<extra></extra>',
      },
    ] as Figure['traces'],
    layout: {
      dragmode: false,
      xaxis: { title: { text: 'mean score' }, ...UNIT_AXIS },
      yaxis: { title: { text: 'part that is real' }, ...UNIT_AXIS },
      shapes: [diagonal(colours)],
    } as Figure['layout'],
  });
}

const CURVE_STEPS = 50;

/** Draw the completeness of each image against S/N. */
export function drawDepths(images: readonly ImageDepth[]) {
  const snr = Array.from({ length: CURVE_STEPS + 1 }, (_, k) => 2 + (13 * k) / CURVE_STEPS);
  return (colours: PlotColours): Figure => ({
    traces: images.map(({ exposureName, bySnr: { ceiling, centre, width } }, k) => ({
      type: 'scatter',
      mode: 'lines',
      x: snr,
      y: snr.map((at) => ceiling / (1 + Math.exp(-(at - centre) / width))),
      line: { width: k === 0 ? 2 : 1, color: k === 0 ? colours.accent : colours.dim },
      opacity: k === 0 ? 1 : 0.6,
      hovertemplate: `${exposureName ?? ''}: %{y:.2f} at S/N %{x:.1f}<extra></extra>`,
    })) as Figure['traces'],
    layout: {
      dragmode: false,
      xaxis: { title: { text: 'S/N of an injected star' }, range: [2, 15] },
      yaxis: { title: { text: 'part found' }, ...UNIT_AXIS },
    } as Figure['layout'],
  });
}

/** Tell the depth of each image. */
export function tableOfDepths(images: readonly ImageDepth[]): PlotTable {
  return {
    head: ['image', 'band', 'found', 'S/N 50 %', 'm50', 'm90'],
    rows: images.map(
      ({ exposureName, band: name, found, injected, snr50, snr50Err, mag50, mag90, magnitudes }) => [
        exposureName ?? NOT_KNOWN,
        name ?? NOT_KNOWN,
        `${found} / ${injected}`,
        snr50 === undefined ? NOT_KNOWN : `${snr50.toFixed(2)} ± ${formatFixed(snr50Err, 2)}`,
        `${formatFixed(mag50, 2)}${magnitudes === 'instrumental' && mag50 !== undefined ? ' inst' : ''}`,
        formatFixed(mag90, 2),
      ],
    ),
  };
}

/** Draw labels of each day. */
export function drawDays({ days }: LabelWork) {
  return (colours: PlotColours): Figure => ({
    traces: [
      {
        type: 'bar',
        x: days.map(({ day }) => day),
        y: days.map(({ labels }) => labels),
        marker: { color: colours.accent },
        hovertemplate: '%{x}: %{y} labels<extra></extra>',
      },
    ] as Figure['traces'],
    layout: {
      dragmode: false,
      bargap: 0.15,
      // A single day is a bar and not a wall.
      xaxis: { type: 'category', nticks: 6, tickangle: 0, range: [-0.6, Math.max(8, days.length) - 0.4] },
      yaxis: { title: { text: 'labels a day' }, rangemode: 'tozero' },
    } as Figure['layout'],
  });
}

/** Tell the points of a model's curves as numbers. */
export function tableOfPoints({ points }: ModelEvaluation): PlotTable {
  const share = ({ value, low, high }: Share): string =>
    `${value.toFixed(3)} (${low.toFixed(3)} … ${high.toFixed(3)})`;
  return {
    head: ['threshold', 'real called real', 'bogus called real', 'purity'],
    rows: points.map(({ threshold, completeness, falseAlarms, purity }) => [
      threshold.toFixed(4),
      share(completeness),
      share(falseAlarms),
      share(purity),
    ]),
  };
}

/** Tell scores by verdict as numbers. */
export function tableOfScores({ scoreBins }: ModelEvaluation): PlotTable {
  const verdicts = Object.keys(scoreBins);
  const bins = Object.values(scoreBins)[0]?.length ?? 0;
  return {
    head: ['score', ...verdicts],
    rows: Array.from({ length: bins }, (_, k) => [
      `${(k / bins).toFixed(2)} … ${((k + 1) / bins).toFixed(2)}`,
      ...verdicts.map((verdict) => formatCount(scoreBins[verdict]![k]!)),
    ]),
  };
}

/** Tell how well scores are calibrated as numbers. */
export function tableOfCalibration({ calibration }: ModelEvaluation): PlotTable {
  return {
    head: ['score', 'labelled', 'mean score', 'real', 'low', 'high'],
    rows: calibration.map(({ from, to, count, meanScore, realShare }) => [
      `${from.toFixed(1)} … ${to.toFixed(1)}`,
      formatCount(count),
      meanScore.toFixed(3),
      realShare.value.toFixed(3),
      realShare.low.toFixed(3),
      realShare.high.toFixed(3),
    ]),
  };
}
