import { useMemo } from 'react';
import type { RowFilter } from '../../../core/api/contract/index.ts';
import { type CatalogRow, type CatalogTable, useBinCounts, useCellCounts } from '../../api/catalog.ts';
import { formatCount } from '../../ui/format.ts';
import { Plot, type PlotSelection } from '../../ui/plot.tsx';
import { type Drawn, setFilter, withDrawn } from './catalog-view.ts';
import { ColourPlot } from './colour-plot.tsx';
import { drawBins, drawPair, type PairAxes, tableOfBins, tableOfCells } from './draw-plots.ts';

/** Rows up to which each is drawn. */
const MOST_POINTS = 1500;

/** Plots beside a list: each shows what the filter passes, and what is drawn on one becomes part of the filter. */
export function CatalogPlots({
  table,
  filter,
  chosen,
  isTabular,
  hasColours,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly chosen: CatalogRow | undefined;
  readonly isTabular: boolean;
  readonly hasColours: boolean;
}) {
  const shared = { table, filter, isTabular };
  const numbers = chosen as unknown as Readonly<Record<string, number | undefined>> | undefined;
  return (
    <div className="catalog-plots" data-region="plots">
      <ScorePlot {...shared} chosen={numbers?.score} />
      <PairPlot {...shared} title="S/N against score" axes={SIGNIFICANCE} chosen={numbers} />
      <PairPlot
        {...shared}
        title="On the sky"
        axes={SKY}
        chosen={numbers}
        none="None of these has sky coordinates."
      />
      {hasColours ? (
        <ColourPlot {...shared} chosenId={chosen?.id} />
      ) : (
        <PairPlot
          {...shared}
          title="Magnitude over time"
          axes={table === 'detections' ? BRIGHTNESS : LAST_BRIGHTNESS}
          chosen={numbers}
          none="None of these has a magnitude and a time. Magnitudes come with a catalogue of the sky: “astrid catalog fetch” or “import”, then process the field again."
        />
      )}
    </div>
  );
}

function draw(table: CatalogTable, drawn: Omit<Drawn, 'points'>) {
  return ({ points }: PlotSelection): void =>
    setFilter(table, (filter) => withDrawn(filter, { ...drawn, points }));
}

function ScorePlot({
  table,
  filter,
  chosen,
  isTabular,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly chosen: number | undefined;
  readonly isTabular: boolean;
}) {
  const answer = useBinCounts(table, filter, { column: 'score', from: 0, to: 1, bins: 40 });
  const counts = answer.data;
  const figure = useMemo(
    () => drawBins(counts ?? { edges: [0, 1], counts: {}, total: 0 }, 'score', chosen),
    [counts, chosen],
  );
  const name = table === 'detections' ? 'detections' : 'objects';
  return (
    <Plot
      title="Scores"
      note={counts && `${formatCount(counts.total)} ${name}`}
      summary={`Distribution of the score of ${counts?.total ?? 0} ${name}`}
      none={emptiness(answer.isPending, counts?.total)}
      draw={figure}
      table={() => tableOfBins(counts!, 'score', 3)}
      isTabular={isTabular}
      onSelect={draw(table, { x: 'score' })}
    />
  );
}

interface PlotAxis {
  readonly column: string;
  readonly title: string;
  readonly isLog?: boolean;
  readonly isReversed?: boolean;
  readonly from?: number;
  readonly to?: number;
}

interface Axes extends PairAxes {
  readonly x: PlotAxis;
  readonly y: PlotAxis;
}

const SIGNIFICANCE: Axes = {
  x: { column: 'score', title: 'score', from: 0, to: 1 },
  y: { column: 'snr', title: 'S/N', isLog: true },
};
const SKY: Axes = {
  x: { column: 'raDeg', title: 'RA, degrees', isReversed: true },
  y: { column: 'decDeg', title: 'Dec, degrees' },
};
const BRIGHTNESS: Axes = {
  x: { column: 'midpointMjdTai', title: 'MJD (TAI)' },
  y: { column: 'mag', title: 'mag', isReversed: true },
};
const LAST_BRIGHTNESS: Axes = { ...BRIGHTNESS, x: { column: 'lastMjdTai', title: 'last MJD (TAI)' } };

function PairPlot({
  table,
  filter,
  title,
  axes,
  chosen,
  none,
  isTabular,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly title: string;
  readonly axes: Axes;
  readonly chosen: Readonly<Record<string, number | undefined>> | undefined;
  readonly none?: string | undefined;
  readonly isTabular: boolean;
}) {
  const { x, y } = axes;
  const answer = useCellCounts(
    table,
    filter,
    { column: x.column, isLog: x.isLog, from: x.from, to: x.to, bins: 60 },
    { column: y.column, isLog: y.isLog, bins: 60 },
    MOST_POINTS,
  );
  const cells = answer.data;
  const [atX, atY] = [chosen?.[x.column], chosen?.[y.column]];
  const figure = useMemo(() => drawPair(cells ?? NOTHING, axes, { x: atX, y: atY }), [cells, axes, atX, atY]);
  const isEmpty = cells !== undefined && (cells.xEdges.length === 0 || cells.counts.every((n) => n === 0));
  return (
    <Plot
      title={title}
      note={cells?.points === undefined && cells !== undefined && !isEmpty ? 'density' : undefined}
      summary={`${title}: ${cells?.counts.reduce((sum, n) => sum + n, 0) ?? 0} of ${cells?.total ?? 0}`}
      none={emptiness(answer.isPending, cells?.total) ?? (isEmpty ? (none ?? 'Nothing to draw.') : undefined)}
      draw={figure}
      table={() => tableOfCells(cells!, x.title, y.title)}
      isTabular={isTabular}
      onSelect={draw(table, { x: x.column, y: y.column, isLogX: x.isLog, isLogY: y.isLog })}
    />
  );
}

const NOTHING = { xEdges: [0, 1], yEdges: [1, 2], counts: [0], total: 0 };

function emptiness(isPending: boolean, total: number | undefined): string | undefined {
  if (isPending) return '';
  return total === 0 ? 'Nothing to draw.' : total === undefined ? 'The core did not answer.' : undefined;
}
