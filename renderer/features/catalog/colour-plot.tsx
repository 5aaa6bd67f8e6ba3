import { useMemo } from 'react';
import type { Colours, RowFilter } from '../../../core/api/contract/index.ts';
import { type CatalogTable, useColours } from '../../api/catalog.ts';
import { formatCount, formatFixed } from '../../ui/format.ts';
import { type Figure, Plot, type PlotColours, type PlotTable } from '../../ui/plot.tsx';
import { setFilter, withDrawn } from './catalog-view.ts';
import { drawPoints, markChosen } from './draw-plots.ts';

/** Colour and magnitude of the catalogued stars that rows lie on, before the stars of their field. */
export function ColourPlot({
  table,
  filter,
  chosenId,
  isTabular,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly chosenId: string | undefined;
  readonly isTabular: boolean;
}) {
  const answer = useColours(table, filter, true);
  const found = answer.data;
  const figure = useMemo(() => drawColours(found ?? NOTHING, chosenId), [found, chosenId]);
  return (
    <Plot
      title="Colour and magnitude"
      note={found && noteOf(found)}
      summary={`Colour and magnitude of the stars that ${found?.ids.length ?? 0} of ${found?.looked ?? 0} rows lie on`}
      none={
        answer.isPending
          ? ''
          : found === undefined
            ? 'The core did not answer.'
            : found.ids.length === 0
              ? whyNone(found)
              : undefined
      }
      draw={figure}
      table={() => tableOfColours(found!)}
      isTabular={isTabular}
      onSelect={({ points }) =>
        setFilter(table, (was) => withDrawn(was, { x: 'colour', y: 'starMag', points }))
      }
    />
  );
}

const NOTHING: Colours = {
  ids: [],
  colour: [],
  mag: [],
  verdict: [],
  field: { colour: [], mag: [] },
  catalogues: 0,
  looked: 0,
  total: 0,
};

/** How many of how many; where not all were looked up, that too. */
function noteOf({ ids, looked, total, catalogue }: Colours): string | undefined {
  if (catalogue === undefined) return undefined;
  const best = looked < total ? `, the best ${formatCount(looked)} looked up` : '';
  return `${formatCount(ids.length)} on stars of ${catalogue}${best}`;
}

/** Why there is nothing, and what would bring it. */
function whyNone({ catalogues, looked }: Colours): string {
  if (looked === 0) return 'None of these has sky coordinates, by which its star would be found.';
  if (catalogues === 0)
    return 'No catalogue of the sky is imported: colours are those of its stars. “astrid catalog fetch” brings Gaia’s, “astrid catalog import” any table’s.';
  return 'None of these lies on a star that the imported catalogues measured in two bands.';
}

function drawColours(found: Colours, chosenId: string | undefined) {
  return (colours: PlotColours): Figure => {
    const { colour, mag, verdict, field, ids, colourName, band } = found;
    const at = chosenId === undefined ? -1 : ids.indexOf(chosenId);
    const behind = {
      type: 'scatter',
      mode: 'markers',
      name: 'stars around',
      x: field.colour,
      y: field.mag,
      marker: { symbol: 'circle', size: 2, color: colours.faint },
      unselected: { marker: { opacity: 1 } },
      hoverinfo: 'skip',
    };
    return {
      traces: [
        behind,
        ...drawPoints({ x: colour, y: mag, verdict: [...verdict] }, colours),
        markChosen({ x: colour[at], y: mag[at] }, colours),
      ] as Figure['traces'],
      layout: {
        xaxis: { title: { text: colourName ?? 'colour' }, nticks: 5 },
        yaxis: { title: { text: band ?? 'mag' }, autorange: 'reversed', nticks: 5 },
      } as Figure['layout'],
    };
  };
}

function tableOfColours({ colour, mag, verdict, colourName, band }: Colours): PlotTable {
  return {
    head: [colourName ?? 'colour', band ?? 'mag', 'verdict'],
    rows: colour
      .slice(0, 200)
      .map((value, k) => [formatFixed(value, 3), formatFixed(mag[k], 3), verdict[k]!.replace('none', '–')]),
  };
}
