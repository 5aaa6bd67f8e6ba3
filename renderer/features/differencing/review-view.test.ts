import { expect, it } from 'vitest';
import type { Candidate } from '../../../core/api/contract/index.ts';
import { makeMarkers } from '../../images/make-markers.ts';
import { binScores, findDipoles, listDetections, magnifyResiduals, markDetections } from './review-view.ts';

const detection = (id: string, changes: Partial<Candidate> = {}) =>
  ({ id, xPx: 10, yPx: 20, vetoes: [], features: {}, ...changes }) as unknown as Candidate;
const vetoed = (id: string) => detection(id, { vetoes: [{ rule: 'edge', reason: 'at the edge' }] });

it('lists candidates before what was vetoed, or either alone', () => {
  const ids = (shown: Parameters<typeof listDetections>[2]) =>
    listDetections([detection('a'), detection('b')], [vetoed('v')], shown).map(({ id }) => id);
  expect(ids('all')).toEqual(['a', 'b', 'v']);
  expect(ids('candidates')).toEqual(['a', 'b']);
  expect(ids('vetoed')).toEqual(['v']);
});

it('marks a vetoed detection by its shape, chosen or not', () => {
  const markers = markDetections([detection('a'), vetoed('v')], makeMarkers, 'v');
  expect(markers.map(({ id, shape, isSelected }) => [id, shape, isSelected])).toEqual([
    ['a', 'ring', false],
    ['v', 'diamond', true],
  ]);
});

it('draws a dipole from its negative to its positive lobe, around its place', () => {
  const features = { isDipole: 1, dipoleSeparationPx: 4, dipoleAngleRad: Math.PI / 2 };
  const [dipole, ...others] = findDipoles([detection('a', { features }), detection('b')]);
  expect(others).toEqual([]);
  expect(dipole!.x).toBeCloseTo(10);
  expect(dipole!.y).toBeCloseTo(18);
  expect(dipole!.dx).toBeCloseTo(0);
  expect(dipole!.dy).toBeCloseTo(4);
});

it('magnifies residuals by a round number, so that the typical one can be seen and none fills the image', () => {
  const residuals = [0.01, 0.04, 0.3].map((dxPx) => ({ dxPx, dyPx: 0 }));
  // 1000 / 50 / 0.04 is 500.
  expect(magnifyResiduals(residuals, 1000)).toBe(500);
  expect(magnifyResiduals(residuals, 700)).toBe(200);
  expect(magnifyResiduals([], 1000)).toBe(1);
});

it('counts stars in bins of one sigma, with all that lies beyond at the ends', () => {
  const bins = binScores([-40, -0.2, 0, 0.9, 7.5, 12]);
  expect(bins).toHaveLength(16);
  expect([bins[0], bins[7], bins[8], bins[15]]).toEqual([1, 1, 2, 2]);
  expect(bins.reduce((sum, count) => sum + count, 0)).toBe(6);
});
