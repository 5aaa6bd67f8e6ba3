import { expect, test } from 'vitest';
import { readWindowState, SMALLEST } from './window-bounds.ts';

const display = { x: 0, y: 0, width: 1920, height: 1080 };
const first = { width: 1440, height: 900, isMaximized: false };

test('the first time, and after anything unreadable, the window has its usual size', () => {
  for (const text of [
    undefined,
    '',
    '{',
    'null',
    '7',
    '{"width":"wide","height":1}',
    '{"width":-5,"height":9e9}',
  ])
    expect(readWindowState(text, [display])).toEqual(first);
});

test('the window comes back where it was', () => {
  const state = { x: 100, y: 50, width: 1200, height: 800, isMaximized: true };
  expect(readWindowState(JSON.stringify(state), [display])).toEqual(state);
});

test('a place that no display shows any more is forgotten, its size is not', () => {
  const state = { x: 2500, y: 50, width: 1200, height: 800, isMaximized: false };
  expect(readWindowState(JSON.stringify(state), [display])).toEqual({
    width: 1200,
    height: 800,
    isMaximized: false,
  });
  const second = { x: 1920, y: 0, width: 1920, height: 1080 };
  expect(readWindowState(JSON.stringify(state), [display, second])).toEqual(state);
});

test('a window is never smaller than its screens', () => {
  expect(readWindowState('{"width":10,"height":10}', [display])).toEqual({ ...SMALLEST, isMaximized: false });
});
