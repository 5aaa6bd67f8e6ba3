import { useEffect, useRef, useState } from 'react';
import { loadPlotly } from './load-plotly.ts';
import { useScale } from './scale.ts';
import { useTheme } from './theme.ts';
import './plot.css';

/** Colours of plots, as the theme has them. */
export interface PlotColours {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly panel: string;
  readonly accent: string;
  readonly ok: string;
  readonly warn: string;
  readonly error: string;
  readonly faint: string;
  /** The accent, so thin that lines under it are seen: also in the night. */
  readonly band: string;
}

/** What a plot draws. */
export interface Figure {
  readonly traces: readonly Partial<Plotly.PlotData>[];
  readonly layout: Partial<Plotly.Layout>;
}

/** The same as numbers: for those who do not see plots, and for those who copy. */
export interface PlotTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What was drawn with the pointer, in the plot's numbers; on a logarithmic axis those, not their logarithms. */
export interface PlotSelection {
  readonly points: readonly (readonly [number, number])[];
}

type PlotElement = HTMLDivElement & {
  on(event: 'plotly_selected', listener: (event?: SelectionEvent) => void): void;
  removeAllListeners(event: string): void;
};
interface SelectionEvent {
  readonly range?: { readonly x?: readonly [number, number]; readonly y?: readonly [number, number] };
  readonly lassoPoints?: { readonly x?: readonly number[]; readonly y?: readonly number[] };
}

/**
 * A plot with its heading; in its place the numbers, when they are asked for.
 *
 * @param summary the plot in one sentence.
 * @param none what to say where there is nothing to draw.
 * @param draw makes the figure in the theme's colours; a new function draws anew.
 */
export function Plot({
  title,
  note,
  summary,
  none,
  draw,
  table,
  isTabular,
  onSelect,
}: {
  readonly title: string;
  readonly note?: string | undefined;
  readonly summary: string;
  readonly none?: string | undefined;
  readonly draw: (colours: PlotColours) => Figure;
  readonly table: () => PlotTable;
  readonly isTabular: boolean;
  readonly onSelect?: ((selection: PlotSelection) => void) | undefined;
}) {
  return (
    <figure className="chart" aria-label={title}>
      <figcaption className="chart-head">
        <h3>{title}</h3>
        {note !== undefined && <span className="dim ellipsis">{note}</span>}
      </figcaption>
      {none !== undefined ? (
        <div className="chart-surface">
          <p className="chart-none">{none}</p>
        </div>
      ) : isTabular ? (
        <NumberTable title={title} table={table()} />
      ) : (
        <Surface summary={summary} draw={draw} onSelect={onSelect} />
      )}
    </figure>
  );
}

function NumberTable({ title, table }: { readonly title: string; readonly table: PlotTable }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className="chart-table selectable" tabIndex={0} aria-label={`${title} as numbers`}>
      <table>
        <thead>
          <tr>
            {table.head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.join('|')}>
              {row.map((cell, column) => (
                <td key={table.head[column]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Surface({
  summary,
  draw,
  onSelect,
}: {
  readonly summary: string;
  readonly draw: (colours: PlotColours) => Figure;
  readonly onSelect?: ((selection: PlotSelection) => void) | undefined;
}) {
  const element = useRef<HTMLDivElement>(null);
  const { theme } = useTheme();
  const scale = useScale().percent / 100;
  const [failure, setFailure] = useState<string>();
  const select = useRef(onSelect);
  select.current = onSelect;
  useEffect(() => {
    const surface = element.current!;
    let isGone = false;
    let stop = (): void => undefined;
    loadPlotly().then(
      (plotly) => {
        if (isGone) return;
        const { traces, layout } = draw(readColours(theme));
        void plotly
          .react(
            surface,
            traces.map((trace) => enlarge(trace as Plotly.Data, scale)),
            dress(layout, readColours(theme), select.current !== undefined, scale),
            {
              displayModeBar: false,
              doubleClick: false,
              showTips: false,
            },
          )
          .then(() => {
            if (isGone) return;
            const plot = surface as PlotElement;
            plot.removeAllListeners('plotly_selected');
            plot.on('plotly_selected', (event) => {
              const points = pointsOf(event);
              if (points.length < 2) return;
              void plotly.relayout(surface, { selections: [] } as Partial<Plotly.Layout>);
              select.current?.({ points });
            });
          });
        const observer = new ResizeObserver(() => {
          if (surface.clientWidth > 0 && surface.classList.contains('js-plotly-plot'))
            void plotly.Plots.resize(surface);
        });
        observer.observe(surface);
        stop = () => observer.disconnect();
      },
      () => setFailure('The plots could not be loaded; the numbers are still here as a table.'),
    );
    return () => {
      isGone = true;
      stop();
    };
  }, [draw, theme, scale]);
  useEffect(() => {
    const surface = element.current!;
    return () => {
      void loadPlotly().then((plotly) => plotly.purge(surface));
    };
  }, []);
  return (
    <div className="chart-surface">
      {failure !== undefined && <p className="chart-none">{failure}</p>}
      <div
        ref={element}
        className="chart-surface"
        // Plotly measures its words by the window: it is drawn as large as all else by its own sizes instead.
        style={{ height: '100%', zoom: 1 / scale }}
        role="img"
        aria-label={summary}
      />
    </div>
  );
}

function pointsOf(event: SelectionEvent | undefined): (readonly [number, number])[] {
  const { lassoPoints, range } = event ?? {};
  if (lassoPoints?.x !== undefined && lassoPoints.y !== undefined)
    return lassoPoints.x.map((x, k) => [Number(x), Number(lassoPoints.y![k])] as const);
  if (range?.x === undefined || range.y === undefined) return [];
  const [[left, right], [bottom, top]] = [range.x, range.y];
  return [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ];
}

/** Margins, type and lines that all plots share. */
function dress(
  { xaxis, yaxis, ...layout }: Partial<Plotly.Layout>,
  colours: PlotColours,
  isSelectable: boolean,
  scale: number,
): Partial<Plotly.Layout> {
  const axis = (own: Partial<Plotly.LayoutAxis> | undefined): Partial<Plotly.LayoutAxis> => ({
    gridcolor: colours.line,
    linecolor: colours.line,
    zerolinecolor: colours.line,
    tickcolor: colours.line,
    ticks: 'outside',
    ticklen: 3,
    showline: true,
    automargin: true,
    fixedrange: true,
    ...own,
    ...(own?.title === undefined ? {} : { title: { standoff: 4, ...(own.title as object) } }),
  });
  return {
    margin: { l: 40 * scale, r: 8 * scale, t: 4 * scale, b: 30 * scale, pad: 0 },
    paper_bgcolor: colours.panel,
    plot_bgcolor: colours.panel,
    font: { family: 'JetBrains Mono, monospace', size: 10.5 * scale, color: colours.dim },
    hoverlabel: {
      bgcolor: colours.panel,
      bordercolor: colours.line,
      font: { family: 'JetBrains Mono, monospace', size: 11 * scale, color: colours.text },
    },
    separators: '.',
    showlegend: false,
    dragmode: isSelectable ? 'lasso' : false,
    // Drawn shapes become filters, which stand above the table.
    selections: [],
    newselection: { line: { color: colours.accent, width: 1, dash: 'solid' } },
    ...layout,
    xaxis: axis(xaxis),
    yaxis: axis(yaxis),
  } as Partial<Plotly.Layout>;
}

/** Draw marks as large as everything else. */
function enlarge(trace: Plotly.Data, scale: number): Plotly.Data {
  const { marker } = trace as { marker?: { size?: unknown } };
  if (scale === 1 || typeof marker?.size !== 'number') return trace;
  return { ...trace, marker: { ...marker, size: marker.size * scale } } as Plotly.Data;
}

function readColours(_theme: string): PlotColours {
  const style = getComputedStyle(document.documentElement);
  const read = (token: string): string => style.getPropertyValue(`--${token}`).trim();
  return {
    text: read('text'),
    dim: read('dim'),
    line: read('line'),
    panel: read('panel'),
    accent: read('accent'),
    ok: read('ok'),
    warn: read('warn'),
    error: read('error'),
    faint: read('faint'),
    band: `${read('accent')}30`,
  };
}
