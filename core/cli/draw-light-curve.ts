import type { LightCurve } from '../pipeline/index.ts';
import type { Picture } from './draw-contact-sheet.ts';
import { timeOf } from './format-light-curve.ts';
import { GLYPHS } from './glyphs.ts';

type Colour = readonly [number, number, number];

const PAPER: Colour = [12, 15, 19];
const GRID: Colour = [38, 46, 58];
const INK: Colour = [150, 162, 180];
const CURVES: readonly Colour[] = [
  [92, 190, 255],
  [255, 176, 84],
  [120, 222, 150],
  [240, 120, 190],
];
const FAINT: Colour = [96, 108, 124];

const WIDTH = 960;
const HEIGHT = 540;
const LEFT = 96;
const RIGHT = 24;
const TOP = 24;
const BOTTOM = 48;
const DOT = 2;

/**
 * Draw light curves: flux in template electrons upwards, days to the right, error bars of one sigma.
 *
 * Points of red differences are hollow; epochs that failed are ticks at the foot. Up to four curves have colours of their own.
 */
export function drawLightCurves(curves: readonly LightCurve[]): Picture {
  const rgba = new Uint8Array(WIDTH * HEIGHT * 4);
  const paint = (x: number, y: number, colour: Colour): void => {
    if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT) return;
    rgba.set([...colour, 255], (y * WIDTH + x) * 4);
  };
  for (let y = 0; y < HEIGHT; y++) for (let x = 0; x < WIDTH; x++) paint(x, y, PAPER);
  const points = curves.flatMap(({ points: all }) => all);
  const times = points.flatMap((point) => timeOf(point) ?? []);
  const fluxes = points.flatMap((point) =>
    point.kind === 'measured' ? [point.fluxE - point.fluxErrE, point.fluxE + point.fluxErrE] : [],
  );
  const days = scaleOf(times, LEFT, WIDTH - RIGHT);
  const light = scaleOf(fluxes, HEIGHT - BOTTOM, TOP);
  const write = (text: string, x: number, y: number): void => drawText(text, x, y, INK, paint);
  for (const tick of days.ticks) {
    const x = days.place(tick);
    for (let y = TOP; y <= HEIGHT - BOTTOM; y++) paint(x, y, GRID);
    const label = formatTick(tick, days.step);
    write(label, x - label.length * 2 * DOT, HEIGHT - BOTTOM + 10);
  }
  for (const tick of light.ticks) {
    const y = light.place(tick);
    for (let x = LEFT; x <= WIDTH - RIGHT; x++) paint(x, y, GRID);
    const label = formatTick(tick, light.step);
    write(label, LEFT - 10 - label.length * 4 * DOT, y - 5);
  }
  write('MJD', WIDTH - RIGHT - 3 * 4 * DOT, HEIGHT - 18);
  write('e-', 10, TOP - 12);
  curves.forEach(({ points: own }, index) => {
    const colour = CURVES[index] ?? FAINT;
    for (const point of own) {
      const time = timeOf(point);
      if (time === undefined) continue;
      const x = days.place(time);
      if (point.kind === 'failed') {
        for (let y = HEIGHT - BOTTOM - 8; y < HEIGHT - BOTTOM; y++) paint(x, y, colour);
        continue;
      }
      const y = light.place(point.fluxE);
      const top = light.place(point.fluxE + point.fluxErrE);
      const foot = light.place(point.fluxE - point.fluxErrE);
      for (let v = top; v <= foot; v++) paint(x, v, colour);
      const isHollow = point.quality.grade === 'red';
      for (let v = -3; v <= 3; v++) {
        for (let u = -3; u <= 3; u++) {
          const r2 = u * u + v * v;
          if (r2 <= 10) paint(x + u, y + v, isHollow && r2 <= 4 ? PAPER : colour);
        }
      }
    }
  });
  return { width: WIDTH, height: HEIGHT, rgba };
}

/** A linear scale that shows all values, with round ticks. */
function scaleOf(values: readonly number[], from: number, to: number) {
  let low = Math.min(...values);
  let high = Math.max(...values);
  if (!(high > low)) {
    const middle = Number.isFinite(low) ? low : 0;
    [low, high] = [middle - 1, middle + 1];
  }
  const margin = 0.04 * (high - low);
  [low, high] = [low - margin, high + margin];
  const raw = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * (raw / power < 1.5 ? 1 : raw / power < 3.5 ? 2 : raw / power < 7.5 ? 5 : 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  const place = (value: number): number => Math.round(from + ((value - low) / (high - low)) * (to - from));
  return { ticks, step, place };
}

function formatTick(value: number, step: number): string {
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}

function drawText(
  text: string,
  left: number,
  top: number,
  colour: Colour,
  paint: (x: number, y: number, colour: Colour) => void,
): void {
  [...text].forEach((character, position) => {
    (GLYPHS[character] ?? GLYPHS[' ']!).forEach((bits, row) => {
      for (let column = 0; column < 3; column++) {
        if (((bits >> (2 - column)) & 1) === 0) continue;
        for (let dot = 0; dot < DOT * DOT; dot++) {
          const x = left + (position * 4 + column) * DOT + (dot % DOT);
          paint(x, top + row * DOT + Math.floor(dot / DOT), colour);
        }
      }
    });
  });
}
