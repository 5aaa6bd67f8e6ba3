import type { BinCounts, CellCounts } from '../../../core/api/contract/index.ts';
import { formatCount } from '../../ui/format.ts';
import type { Figure, PlotColours, PlotTable } from '../../ui/plot.tsx';

/** Verdicts as words of the catalogue, least said first. */
const VERDICTS = ['none', 'unsure', 'bogus', 'real'] as const;
const VERDICT_NAMES = { none: 'not labelled', unsure: 'unsure', bogus: 'bogus', real: 'real' } as const;
/** Each has a symbol of its own: colour is never all there is. */
const SYMBOLS = {
  none: 'circle-open',
  unsure: 'diamond-open',
  bogus: 'x-thin-open',
  real: 'circle',
} as const;
/** Night has one colour: bars are told apart by hatching too. */
const HATCHES = { none: '', unsure: '.', bogus: 'x', real: '' } as const;

/** A place to be shown among many. */
export interface Highlight {
  readonly x: number | undefined;
  readonly y: number | undefined;
}

function colourOf(verdict: string, colours: PlotColours): string {
  return (
    { none: colours.dim, unsure: colours.warn, bogus: colours.error, real: colours.ok }[verdict] ??
    colours.dim
  );
}

/** Draw numbers of rows along an axis, a bar for each bin, verdicts upon each other. */
export function drawBins(counts: BinCounts, title: string, at: number | undefined) {
  return (colours: PlotColours): Figure => {
    const { edges } = counts;
    const centres = edges.slice(1).map((edge, k) => (edge + edges[k]!) / 2);
    const present = VERDICTS.filter((verdict) => counts.counts[verdict]?.some((n) => n > 0));
    return {
      traces: present.map((verdict) => ({
        type: 'bar',
        name: VERDICT_NAMES[verdict],
        x: centres,
        y: counts.counts[verdict]!,
        marker: {
          color: colourOf(verdict, colours),
          opacity: verdict === 'none' ? 0.75 : 1,
          line: { width: 0 },
          pattern: {
            shape: HATCHES[verdict],
            fillmode: 'overlay',
            fgcolor: colours.panel,
            size: 5,
            solidity: 0.35,
          },
        },
        hovertemplate: `%{x:.2f}: %{y} ${VERDICT_NAMES[verdict]}<extra></extra>`,
      })) as Figure['traces'],
      layout: {
        barmode: 'stack',
        bargap: 0.08,
        dragmode: 'select',
        selectdirection: 'h',
        xaxis: { title: { text: title }, range: [edges[0]!, edges.at(-1)!] },
        yaxis: { title: { text: 'number' }, rangemode: 'tozero' },
        shapes: at === undefined ? [] : [line(at, colours)],
      } as Figure['layout'],
    };
  };
}

function line(at: number, colours: PlotColours): Partial<Plotly.Shape> {
  return {
    type: 'line',
    x0: at,
    x1: at,
    yref: 'paper',
    y0: 0,
    y1: 1,
    line: { color: colours.accent, width: 1 },
  };
}

/** Tell numbers along an axis as a table. */
export function tableOfBins({ edges, counts }: BinCounts, name: string, decimals: number): PlotTable {
  const verdicts = Object.keys(counts);
  return {
    head: [name, ...verdicts],
    rows: edges
      .slice(1)
      .map((edge, k) => [
        `${edges[k]!.toFixed(decimals)} … ${edge.toFixed(decimals)}`,
        ...verdicts.map((verdict) => formatCount(counts[verdict]![k]!)),
      ]),
  };
}

/** How two axes are drawn. */
export interface PairAxes {
  readonly x: { readonly title: string; readonly isLog?: boolean; readonly isReversed?: boolean };
  readonly y: { readonly title: string; readonly isLog?: boolean; readonly isReversed?: boolean };
}

/** Draw few rows one by one, many as the density of them; and the chosen one upon both. */
export function drawPair(cells: CellCounts, { x, y }: PairAxes, chosen: Highlight) {
  return (colours: PlotColours): Figure => {
    const traces = cells.points === undefined ? [density(cells, colours)] : drawPoints(cells.points, colours);
    const mark = markChosen(chosen, colours);
    const axis = ({ title, isLog, isReversed }: PairAxes['x'], edges: readonly number[]) => {
      const ends = [edges[0]!, edges.at(-1)!].map((end) => (isLog === true ? Math.log10(end) : end));
      const margin = (ends[1]! - ends[0]!) * 0.02;
      const range = [ends[0]! - margin, ends[1]! + margin];
      return {
        title: { text: title },
        type: isLog === true ? 'log' : 'linear',
        range: isReversed === true ? range.toReversed() : range,
        ...(isLog === true ? { dtick: 1 } : { nticks: 4 }),
        exponentformat: 'none',
        separatethousands: false,
      };
    };
    return {
      traces: [...traces, mark] as Figure['traces'],
      layout: { xaxis: axis(x, cells.xEdges), yaxis: axis(y, cells.yEdges) } as Figure['layout'],
    };
  };
}

function density({ xEdges, yEdges, counts }: CellCounts, colours: PlotColours) {
  const columns = xEdges.length - 1;
  const rows = yEdges.length - 1;
  // One is seen, ten thousand do not hide it: shades go with the logarithm.
  const shades = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => {
      const n = counts[row * columns + column]!;
      return n === 0 ? null : Math.log10(n) + 0.3;
    }),
  );
  return {
    type: 'heatmap',
    // One pixel a cell, which the style sheet keeps sharp; the other way writes styles into the page.
    zsmooth: 'fast',
    x: xEdges,
    y: yEdges,
    z: shades,
    text: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: columns }, (_, column) => String(counts[row * columns + column])),
    ),
    zmin: 0,
    showscale: false,
    colorscale: [
      [0, colours.line],
      [1, colours.text],
    ],
    hovertemplate: '%{x:.4~g}, %{y:.4~g}: %{text}<extra></extra>',
  };
}

/** Draw a ring around the chosen one; nothing where it has no place here. */
export function markChosen({ x, y }: Highlight, colours: PlotColours) {
  const isHere = x !== undefined && y !== undefined;
  return {
    type: 'scatter',
    mode: 'markers',
    x: isHere ? [x] : [],
    y: isHere ? [y] : [],
    marker: {
      symbol: 'circle-open',
      size: 13,
      color: colours.accent,
      line: { width: 2, color: colours.accent },
    },
    hoverinfo: 'skip',
  };
}

/** Draw rows one by one, each with the sign of its verdict. */
export function drawPoints({ x, y, verdict }: NonNullable<CellCounts['points']>, colours: PlotColours) {
  return VERDICTS.map((name) => {
    const rows = verdict.flatMap((word, k) => (word === name ? [k] : []));
    return {
      type: 'scatter',
      mode: 'markers',
      name: VERDICT_NAMES[name],
      x: rows.map((k) => x[k]!),
      y: rows.map((k) => y[k]!),
      marker: {
        symbol: SYMBOLS[name],
        size: name === 'none' ? 4 : 6,
        color: colourOf(name, colours),
        line: { width: 1, color: colourOf(name, colours) },
      },
      // What a lasso encloses becomes a filter: nothing fades meanwhile.
      unselected: { marker: { opacity: 1 } },
      hovertemplate: `%{x:.5~g}, %{y:.5~g} ${VERDICT_NAMES[name]}<extra></extra>`,
    };
  });
}

/** Tell numbers over two axes as a table: the cells that have any, most first. */
export function tableOfCells(
  { xEdges, yEdges, counts }: CellCounts,
  xName: string,
  yName: string,
): PlotTable {
  const columns = xEdges.length - 1;
  const filled = counts.flatMap((n, k) =>
    n > 0 ? [{ n, column: k % columns, row: Math.floor(k / columns) }] : [],
  );
  filled.sort((a, b) => b.n - a.n);
  // As many digits as tell one cell from the next.
  const span = (edges: readonly number[], k: number): string => {
    const digits = Math.max(0, Math.min(6, 1 - Math.floor(Math.log10(edges[k + 1]! - edges[k]!))));
    return `${edges[k]!.toFixed(digits)} … ${edges[k + 1]!.toFixed(digits)}`;
  };
  return {
    head: [xName, yName, 'number'],
    rows: filled
      .slice(0, 200)
      .map(({ n, column, row }) => [span(xEdges, column), span(yEdges, row), formatCount(n)]),
  };
}
