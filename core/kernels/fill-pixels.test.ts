import { describe, expect, it } from 'vitest';
import { createRandom } from '../utils/random.ts';
import { type Arena, withArena } from './arena.ts';
import { fillPixels, Lack, type Neighbourhood } from './fill-pixels.ts';
import { makePlane } from './plane.ts';

const [WIDTH, HEIGHT] = [23, 17];
const SKY = { science: 9, template: 4 };
const NO_STARS = { science: undefined, template: undefined };

/** Two rings: the nearest eight pixels and those around them. */
function twoRings(enough: number): Neighbourhood {
  const rings = [1, 2].map((radius) =>
    Array.from({ length: 25 }, (_, i) => ({ dx: (i % 5) - 2, dy: Math.floor(i / 5) - 2 })).filter(
      ({ dx, dy }) => Math.max(Math.abs(dx), Math.abs(dy)) === radius,
    ),
  );
  const all = rings.flat();
  return {
    dx: all.map(({ dx }) => dx),
    dy: all.map(({ dy }) => dy),
    weight: all.map(({ dx, dy }) => 1 / (dx * dx + dy * dy)),
    ends: [8, 24],
    radius: 2,
    enough,
  };
}

function drawPlanes(arena: Arena) {
  const random = createRandom(3);
  const make = (least: number) => {
    const plane = arena.plane(WIDTH, HEIGHT);
    for (let k = 0; k < plane.data.length; k++) plane.data[k] = least + random.uniform();
    return plane;
  };
  return { science: make(0), template: make(5), scienceVariance: make(10), templateVariance: make(20) };
}

/** Weighted mean of what `value` gives for good neighbours of both rings. */
function meanAround(at: number, around: Neighbourhood, value: (k: number) => number | undefined) {
  let [sum, weights] = [0, 0];
  around.weight.forEach((weight, i) => {
    const [x, y] = [(at % WIDTH) + around.dx[i]!, Math.floor(at / WIDTH) + around.dy[i]!];
    if (x < 0 || y < 0 || x >= WIDTH || y >= HEIGHT) return;
    const one = value(y * WIDTH + x);
    if (one === undefined) return;
    sum += weight * one;
    weights += weight;
  });
  return sum / weights;
}

describe('fillPixels', () => {
  it('fills from the other image plus what good neighbours differ by, or from its own, also at the rim', () => {
    withArena((arena) => {
      const planes = drawPlanes(arena);
      const before = Object.fromEntries(
        Object.entries(planes).map(([name, { data }]) => [name, data.slice()]),
      );
      const lackOf = new Map<number, number>([
        [0, Lack.Science],
        [1, Lack.Both],
        [WIDTH - 1, Lack.Template],
        [5 * WIDTH + 7, Lack.Both],
        [5 * WIDTH + 8, Lack.Science],
        [6 * WIDTH + 7, Lack.Template],
        [9 * WIDTH + 3, Lack.Nothing],
        [9 * WIDTH + 4, Lack.Both],
        [HEIGHT * WIDTH - 1, Lack.Both],
      ]);
      const [pixels, lacks] = [Int32Array.from(lackOf.keys()), Uint8Array.from(lackOf.values())];
      const around = twoRings(1000);
      fillPixels(planes, { pixels, lacks }, NO_STARS, around, SKY);
      const lacking = (k: number, image: number) => {
        const lack = lackOf.get(k) ?? Lack.None;
        return lack === Lack.Nothing || (lack & image) !== 0;
      };
      const {
        science: n,
        template: r,
        scienceVariance: vn,
        templateVariance: vr,
      } = before as Record<string, Float32Array>;
      for (const [k, lack] of lackOf) {
        const got = Object.values(planes).map(({ data }) => data[k]!);
        if (lack === Lack.Nothing) {
          expect(got).toEqual([0, 0, SKY.science, SKY.template]);
          continue;
        }
        const of = (plane: Float32Array, image: number) =>
          meanAround(k, around, (at) => (lacking(at, image) ? undefined : plane[at]));
        const difference = meanAround(k, around, (at) =>
          lacking(at, Lack.Both) ? undefined : n![at]! - r![at]!,
        );
        const science =
          lack === Lack.Science ? r![k]! + difference : lack === Lack.Both ? of(n!, Lack.Science) : n![k]!;
        const template =
          lack === Lack.Template ? n![k]! - difference : lack === Lack.Both ? of(r!, Lack.Template) : r![k]!;
        const wanted = [
          science,
          template,
          (lack & Lack.Science) !== 0 ? of(vn!, Lack.Science) + (0.1 * science) ** 2 : vn![k]!,
          (lack & Lack.Template) !== 0 ? of(vr!, Lack.Template) + (0.1 * template) ** 2 : vr![k]!,
        ];
        // Float32 holds 24 bits.
        got.forEach((value, i) => {
          expect(Math.abs(value / wanted[i]! - 1)).toBeLessThan(2e-7);
        });
      }
      for (const [name, { data }] of Object.entries(planes)) {
        data.forEach((value, k) => {
          if (!lackOf.has(k)) expect(value).toBe(before[name]![k]);
        });
      }
    });
  });

  it('looks no farther than it must', () => {
    withArena((arena) => {
      const planes = drawPlanes(arena);
      const at = 8 * WIDTH + 8;
      for (const { data } of Object.values(planes)) data[at + 2] = 1e6;
      const lacking = { pixels: Int32Array.of(at), lacks: Uint8Array.of(Lack.Both) };
      fillPixels(planes, lacking, NO_STARS, twoRings(8), SKY);
      expect(planes.science.data[at]).toBeLessThan(1);
      fillPixels(planes, lacking, NO_STARS, twoRings(9), SKY);
      expect(planes.science.data[at]).toBeGreaterThan(1e4);
    });
  });

  it('takes known stars off its neighbours and puts them back', () => {
    withArena((arena) => {
      const planes = drawPlanes(arena);
      const at = 8 * WIDTH + 8;
      const light = planes.science.data.map((_, k) => 1e4 / (1 + Math.hypot((k % WIDTH) - 8, k / WIDTH - 8)));
      for (let k = 0; k < light.length; k++) planes.science.data[k]! += light[k]!;
      const lacking = { pixels: Int32Array.of(at), lacks: Uint8Array.of(Lack.Both) };
      fillPixels(planes, lacking, { science: light, template: undefined }, twoRings(8), SKY);
      expect(Math.abs(planes.science.data[at]! - light[at]! - 0.5)).toBeLessThan(0.5);
    });
  });

  it('refuses planes outside the arena', () => {
    const plane = makePlane(4, 4);
    const planes = { science: plane, template: plane, scienceVariance: plane, templateVariance: plane };
    const none = { pixels: new Int32Array(), lacks: new Uint8Array() };
    expect(() => fillPixels(planes, none, NO_STARS, twoRings(8), SKY)).toThrow(RangeError);
  });
});
