type Plotly = typeof import('plotly.js-cartesian-dist-min');

let loading: Promise<Plotly> | undefined;

/** Fetch the library of plots when the first plot is shown: it is larger than all the rest of the window. */
export function loadPlotly(): Promise<Plotly> {
  loading ??= (async () => {
    // The window's policy forbids styles that are written by scripts; plot.css has those of the library instead,
    // which looks for this element and then writes none.
    const mark = document.createElement('meta');
    mark.id = 'plotly.js-style-global';
    mark.className = 'no-inline-styles';
    document.head.append(mark);
    const loaded = await import('plotly.js-cartesian-dist-min');
    return loaded.default as Plotly;
  })();
  return loading;
}
