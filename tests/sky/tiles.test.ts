import { describe, expect, it } from 'vitest';
import { DEFAULT_DETECTION_CONFIG, detectChanges } from '../../core/domains/detection/index.ts';
import {
  DEFAULT_DIFFERENCING_CONFIG,
  type DifferencingMethod,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { prepareField } from '../quality/measure-field.ts';

const field = await prepareField({ sizePx: 400, seed: 4104, difficulty: 'survey', transients: 12 });
const runner = createInlineRunner();
const peak = [field.science, field.template].reduce(
  (most, { science }) => science.data.reduce((a, b) => Math.max(a, b), most),
  0,
);

/** Subtract with tiles of some size, and detect. */
async function subtract(method: DifferencingMethod, tileSidePx: number) {
  const { science, template } = field;
  const config = { ...DEFAULT_DIFFERENCING_CONFIG, method, fallsBack: false, tileSidePx };
  const difference = await differenceImages(science, template, config, runner);
  const { detections } = await detectChanges(
    { difference, science, template },
    DEFAULT_DETECTION_CONFIG,
    runner,
  );
  return { difference, detections };
}

/** Median and largest |a - b| in units of a scale. */
function deviations(a: Float32Array, b: Float32Array, scaleAt: (k: number) => number) {
  const apart = a.map((value, k) => Math.abs(value - b[k]!) / scaleAt(k)).sort();
  return { typical: apart[apart.length >> 1]!, worst: apart[apart.length - 1]! };
}

describe.each<DifferencingMethod>(['zogy', 'alard-lupton', 'delta-basis'])('%s', async (method) => {
  const whole = await subtract(method, 400);
  const { difference: one } = whole;

  it.each([250, 134, 80])('does not depend on whether tiles are whole cells or %i px', async (sidePx) => {
    const { difference: other, detections } = await subtract(method, sidePx);
    const noise = one.variance.data.map(Math.sqrt);
    // What rounds is the transform: a millionth or two of the noise everywhere, and of a star's peak along its row and column.
    const change = deviations(one.difference.data, other.difference.data, (k) => noise[k]!);
    expect(change.typical).toBeLessThan(3e-6);
    expect(deviations(one.difference.data, other.difference.data, () => peak).worst).toBeLessThan(3e-6);
    const score = deviations(one.score.data, other.score.data, () => 1);
    const flux = deviations(one.flux.data, other.flux.data, (k) => one.fluxErr.data[k]!);
    expect(score.typical).toBeLessThan(1e-4);
    expect(score.worst).toBeLessThan(0.01);
    expect(flux.typical).toBeLessThan(1e-4);
    expect(flux.worst).toBeLessThan(0.01);
    expect(other.mask.data).toEqual(one.mask.data);
    expect(other.responses.map(({ x, y, flux }) => [x, y, flux])).toEqual(
      one.responses.map(({ x, y, flux }) => [x, y, flux]),
    );
    expect(detections).toHaveLength(whole.detections.length);
    // Places differ by 2e-5 px where it rounds; digits that are written out may turn over however little that is.
    detections.forEach(({ xPx, yPx }, k) => {
      const { xPx: x, yPx: y } = whole.detections[k]!;
      expect(Math.hypot(xPx - x, yPx - y)).toBeLessThan(5e-4);
    });
  });
});
