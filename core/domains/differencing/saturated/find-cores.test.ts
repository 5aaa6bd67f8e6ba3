import { describe, expect, it } from 'vitest';
import { type MaskPlane, makeMaskPlane } from '../../../kernels/index.ts';
import { MaskBit } from '../../observations/index.ts';
import { findCores } from './find-cores.ts';

const [WIDTH, HEIGHT] = [90, 120];

/** Saturate what lies within a disc and a trail along x or y through its middle. */
function saturate(
  mask: MaskPlane,
  star: { x: number; y: number; radius: number },
  trail?: { along: 'x' | 'y'; halfWidth: number; before: number; after: number },
): void {
  for (let k = 0; k < mask.data.length; k++) {
    const u = (k % WIDTH) - star.x;
    const v = Math.floor(k / WIDTH) - star.y;
    const [along, across] = trail?.along === 'x' ? [u, v] : [v, u];
    const isTrail =
      trail !== undefined &&
      Math.abs(across) <= trail.halfWidth &&
      along >= -trail.before &&
      along <= trail.after;
    if (Math.hypot(u, v) <= star.radius || isTrail) mask.data[k] = MaskBit.SAT;
  }
}

const empty = () => makeMaskPlane(WIDTH, HEIGHT);

describe('findCores', () => {
  it('finds a star in its trail, which is hardly narrower, longer on one side, and runs along either axis', () => {
    for (const along of ['x', 'y'] as const) {
      const science = empty();
      saturate(science, { x: 40, y: 50, radius: 9 }, { along, halfWidth: 7, before: 20, after: 38 });
      const [core, ...others] = findCores(science, empty());
      expect(others).toHaveLength(0);
      expect(Math.abs(core!.radius - 9)).toBeLessThan(1);
      expect(Math.hypot(core!.x - 40, core!.y - 50)).toBeLessThan(1.5);
    }
  });

  it('takes the place from the science image, for trails of the template have grown', () => {
    const [science, template] = [empty(), empty()];
    saturate(science, { x: 40, y: 50, radius: 6 }, { along: 'y', halfWidth: 3, before: 40, after: 10 });
    saturate(template, { x: 40, y: 50, radius: 8 }, { along: 'y', halfWidth: 8, before: 40, after: 10 });
    const [core] = findCores(science, template);
    expect(Math.hypot(core!.x - 40, core!.y - 50)).toBeLessThan(1);
    expect(Math.abs(core!.radius - 8)).toBeLessThan(1);
  });

  it('is not drawn aside by a fainter star whose core has grown together with it, nor by the rim', () => {
    const science = empty();
    saturate(science, { x: 6, y: 50, radius: 8 });
    saturate(science, { x: 18, y: 52, radius: 4 });
    const [core, ...others] = findCores(science, empty());
    expect(others).toHaveLength(0);
    expect(Math.hypot(core!.x - 6, core!.y - 50)).toBeLessThan(1.5);
  });

  it('leaves out what is too small for a star', () => {
    const science = empty();
    science.data[30 * WIDTH + 30] = MaskBit.SAT;
    science.data[30 * WIDTH + 31] = MaskBit.SAT;
    expect(findCores(science, empty())).toHaveLength(0);
  });
});
