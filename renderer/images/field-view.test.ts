import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Candidate } from '../../core/api/contract/index.ts';
import { changePeriod, fadeAt, periodsMs, SHORTEST_BLINK_MS, safePeriod, toggleComparison } from './blink.ts';
import {
  FIRST_DISPLAYS,
  LAYOUTS,
  NOT_COMPARED,
  nextOf,
  overIn,
  PANES,
  panesOf,
  partnerOf,
  setDisplay,
  shownIn,
  showRun,
  useFieldView,
} from './field-view.ts';
import { cameraIn, changeDisplay, FIRST_LOCKS, LOCKS, nextReach } from './locks.ts';
import { makeMarkers } from './make-markers.ts';
import { centreOn, moveCamera, setLock } from './move-panes.ts';

/** What a camera has beside place and zoom. */
const FIRST_CAMERA = {};
const start = useFieldView.getState();
afterEach(() => useFieldView.setState(start, true));

describe('the panes of a field', () => {
  it('are all four, the active one, or the active one and the one across the subtraction', () => {
    expect(panesOf({ layout: 4, active: 'score' })).toEqual(PANES);
    expect(panesOf({ layout: 1, active: 'template' })).toEqual(['template']);
    for (const active of PANES) expect(panesOf({ layout: 2, active })).toContain(active);
    expect(LAYOUTS.map((layout) => panesOf({ layout, active: 'science' }).length)).toEqual([4, 2, 1]);
  });

  it('show what blinking has come to and what is peeked at, and only the active one does', () => {
    const still = { active: 'science', blinkStep: 0, blinksAll: false, isPeeking: false } as const;
    expect(shownIn(still, 'science')).toBe('science');
    expect(shownIn({ ...still, isPeeking: true }, 'science')).toBe('template');
    expect(shownIn({ ...still, blinkStep: 1 }, 'difference')).toBe('difference');
    const seen = (blinksAll: boolean, steps: readonly number[]) =>
      steps.map((blinkStep) => shownIn({ ...still, active: 'template', blinkStep, blinksAll }, 'template'));
    expect(seen(false, [1, 2, -1])).toEqual(['science', 'template', 'science']);
    expect(seen(true, [1, 2, 3, 4, -1])).toEqual(['difference', 'score', 'science', 'template', 'science']);
    for (const pane of PANES) expect(partnerOf(pane)).not.toBe(pane);
  });

  it('lay the partner over the active image while fading or swiping, but not while peeking', () => {
    const view = { active: 'difference', comparison: 'swipe', isPeeking: false } as const;
    expect(overIn(view, 'difference')).toBe('science');
    expect(overIn(view, 'science')).toBeUndefined();
    expect(overIn({ ...view, isPeeking: true }, 'difference')).toBeUndefined();
    expect(overIn({ ...view, comparison: 'blink' }, 'difference')).toBeUndefined();
  });

  it('change science and template together, and the others alone', () => {
    const changed = changeDisplay(FIRST_DISPLAYS, 'template', { stretch: 'log' }, FIRST_LOCKS);
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

describe('locks', () => {
  const at = (x: number, y: number, zoom: number) => ({ ...FIRST_CAMERA, x, y, zoom });
  const looks = () => PANES.map((kind) => cameraIn(useFieldView.getState(), kind));

  it('share a whole camera as long as place, zoom and rotation are locked', () => {
    moveCamera('difference', at(10, 20, 2));
    expect(looks()).toEqual(PANES.map(() => at(10, 20, 2)));
    moveCamera('science', undefined);
    expect(looks()).toEqual(PANES.map(() => undefined));
  });

  it('unlocked, change nothing by themselves; then each pane keeps what is its own', () => {
    setLock('position', 'off', at(5, 5, 1));
    expect(looks()).toEqual(PANES.map(() => at(5, 5, 1)));
    moveCamera('template', at(9, 8, 3));
    expect(looks()).toEqual(PANES.map((kind) => (kind === 'template' ? at(9, 8, 3) : at(5, 5, 3))));
    setLock('zoom', 'off', at(5, 5, 3));
    moveCamera('score', undefined, at(50, 40, 0.5));
    expect(looks()).toEqual([at(5, 5, 3), at(9, 8, 3), at(5, 5, 3), at(50, 40, 0.5)]);
  });

  it('that were left open by an earlier session let a pane go its own way at once', () => {
    useFieldView.setState({ locks: { ...FIRST_LOCKS, zoom: 'off' } });
    moveCamera('science', at(5, 5, 4), at(50, 40, 0.5));
    expect(looks()).toEqual([at(5, 5, 4), at(5, 5, 0.5), at(5, 5, 0.5), at(5, 5, 0.5)]);
  });

  it('locked again, bring the others to the active pane', () => {
    setLock('position', 'off', at(5, 5, 1));
    moveCamera('template', at(9, 8, 3));
    useFieldView.setState({ active: 'template' });
    setLock('position', 'all', at(9, 8, 3));
    expect(looks()).toEqual(PANES.map(() => at(9, 8, 3)));
    expect(useFieldView.getState().own).toEqual({});
  });

  it('of position do not keep a chosen place from being looked at in every pane', () => {
    setLock('position', 'off', at(5, 5, 1));
    moveCamera('template', at(9, 8, 1));
    centreOn({ x: 30, y: 31 });
    expect(looks().map((camera) => [camera?.x, camera?.y])).toEqual(PANES.map(() => [30, 31]));
  });

  it.each([
    ['off', ['linear', 'log', 'linear', 'linear']],
    ['like', ['log', 'log', 'linear', 'linear']],
    ['all', ['log', 'log', 'log', 'log']],
  ] as const)('of the stretch reaching %s change so many images', (stretch, expected) => {
    const changed = changeDisplay(
      FIRST_DISPLAYS,
      'template',
      { stretch: 'log' },
      { ...FIRST_LOCKS, stretch },
    );
    expect(PANES.map((pane) => changed[pane].stretch)).toEqual(expected);
    expect(changed.difference.limits).toBe(FIRST_DISPLAYS.difference.limits);
  });

  it('of looks bring the others to the active image when they reach farther', () => {
    useFieldView.setState({ active: 'difference' });
    setLock('limits', 'all', undefined);
    const { displays } = useFieldView.getState();
    for (const pane of PANES) expect(displays[pane].limits).toEqual(FIRST_DISPLAYS.difference.limits);
    expect(displays.score.colormap).toBe('diverging');
  });

  it('go through their reaches and come back', () => {
    for (const lock of LOCKS) {
      let reach = FIRST_LOCKS[lock];
      for (let n = 0; n < 6; n++) reach = nextReach(lock, reach);
      expect(reach).toBe(FIRST_LOCKS[lock]);
    }
  });
});

describe('blinking', () => {
  it('never goes below 340 ms unless that is unlocked, whatever is asked', () => {
    expect(safePeriod(125, false)).toBe(SHORTEST_BLINK_MS);
    expect(safePeriod(125, true)).toBe(125);
    expect(Math.min(...periodsMs(false))).toBe(SHORTEST_BLINK_MS);
    expect(Math.min(...periodsMs(true))).toBe(125);
    for (let i = 0; i < 9; i++) changePeriod(-1, false);
    expect(useFieldView.getState().blinkPeriodMs).toBe(SHORTEST_BLINK_MS);
    for (let i = 0; i < 9; i++) changePeriod(-1, true);
    expect(useFieldView.getState().blinkPeriodMs).toBe(125);
    // Locked again, the period that was chosen counts as the shortest.
    changePeriod(1, false);
    expect(useFieldView.getState().blinkPeriodMs).toBe(500);
    for (let i = 0; i < 9; i++) changePeriod(1, false);
    expect(useFieldView.getState().blinkPeriodMs).toBe(2000);
  });

  it('gives way to another comparison, and a comparison chosen twice is over', () => {
    vi.stubGlobal('window', { matchMedia: () => ({ matches: false }) });
    toggleComparison('blink');
    toggleComparison('fade');
    expect(useFieldView.getState()).toMatchObject({ comparison: 'fade', fadeFraction: undefined });
    toggleComparison('fade');
    expect(useFieldView.getState()).toMatchObject(NOT_COMPARED);
    vi.unstubAllGlobals();
  });

  it('is still for those who want less motion: a fade waits for their hand', () => {
    vi.stubGlobal('window', { matchMedia: () => ({ matches: true }) });
    toggleComparison('fade');
    expect(useFieldView.getState().fadeFraction).toBe(0.5);
    vi.unstubAllGlobals();
  });

  it('fades evenly there and back, or stays where it is put', () => {
    expect([0, 1000, 2000, 3000, 4000].map((ms) => fadeAt(undefined, ms))).toEqual([0, 0.5, 1, 0.5, 0]);
    expect(fadeAt(0.3, 1234)).toBe(0.3);
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
