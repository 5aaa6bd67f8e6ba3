import { afterEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../../core/api/contract/index.ts';
import { BLINK_PERIODS_MS, changePeriod, SHORTEST_BLINK_MS, safePeriod } from './blink.ts';
import {
  changeDisplay,
  FIRST_DISPLAYS,
  LAYOUTS,
  nextOf,
  PANES,
  panesOf,
  partnerOf,
  setDisplay,
  shownIn,
  showRun,
  useFieldView,
} from './field-view.ts';
import { makeMarkers } from './make-markers.ts';

const start = useFieldView.getState();
afterEach(() => useFieldView.setState(start, true));

describe('the panes of a field', () => {
  it('are all four, the active one, or the active one and the one across the subtraction', () => {
    expect(panesOf({ layout: 4, active: 'score' })).toEqual(PANES);
    expect(panesOf({ layout: 1, active: 'template' })).toEqual(['template']);
    for (const active of PANES) expect(panesOf({ layout: 2, active })).toContain(active);
    expect(LAYOUTS.map((layout) => panesOf({ layout, active: 'science' }).length)).toEqual([4, 2, 1]);
  });

  it('show their partner while swapped, and only the active one does', () => {
    expect(shownIn({ active: 'science', isSwapped: true }, 'science')).toBe('template');
    expect(shownIn({ active: 'science', isSwapped: true }, 'difference')).toBe('difference');
    expect(shownIn({ active: 'science', isSwapped: false }, 'science')).toBe('science');
    for (const pane of PANES) expect(partnerOf(pane)).not.toBe(pane);
  });

  it('change science and template together, and the others alone', () => {
    const changed = changeDisplay(FIRST_DISPLAYS, 'template', { stretch: 'log' });
    expect(PANES.map((pane) => changed[pane].stretch)).toEqual(['log', 'log', 'linear', 'linear']);
    useFieldView.setState({ active: 'score' });
    setDisplay({ invert: true });
    const { displays } = useFieldView.getState();
    expect(PANES.map((pane) => displays[pane].invert)).toEqual([false, false, false, true]);
  });

  it('forget places but keep taste when another field is shown', () => {
    setDisplay({ stretch: 'asinh' });
    useFieldView.setState({ camera: { x: 1, y: 2, zoom: 3 }, selectedId: 'c', layout: 1 });
    showRun('another');
    expect(useFieldView.getState()).toMatchObject({ camera: undefined, selectedId: undefined, layout: 1 });
    expect(useFieldView.getState().displays.science.stretch).toBe('asinh');
    useFieldView.setState({ selectedId: 'c' });
    showRun('another');
    expect(useFieldView.getState().selectedId).toBe('c');
  });

  it('go round and round', () => {
    expect(nextOf([1, 2, 3], 3)).toBe(1);
    expect(nextOf([1, 2, 3], 1, -1)).toBe(3);
  });
});

describe('blinking', () => {
  it('never goes below 340 ms, whatever is asked', () => {
    expect(safePeriod(125)).toBe(SHORTEST_BLINK_MS);
    expect(Math.min(...BLINK_PERIODS_MS)).toBe(SHORTEST_BLINK_MS);
    for (let i = 0; i < 9; i++) changePeriod(-1);
    expect(useFieldView.getState().blinkPeriodMs).toBe(SHORTEST_BLINK_MS);
    for (let i = 0; i < 9; i++) changePeriod(1);
    expect(useFieldView.getState().blinkPeriodMs).toBe(2000);
  });
});

describe('markers', () => {
  const candidate = (id: string, verdict?: 'real' | 'bogus' | 'unsure') =>
    ({ id, xPx: 1, yPx: 2, ...(verdict && { label: { verdict } }) }) as Candidate;

  it('tell the verdict by their shape and lay the chosen one on top', () => {
    const markers = makeMarkers([candidate('a', 'real'), candidate('b'), candidate('c', 'bogus')], 'a');
    expect(markers.map(({ id, shape }) => [id, shape])).toEqual([
      ['b', 'ring'],
      ['c', 'ring-cross'],
      ['a', 'ring-dot'],
    ]);
    expect(markers.at(-1)!.isSelected).toBe(true);
  });
});
