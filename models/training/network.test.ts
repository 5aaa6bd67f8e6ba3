import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../core/utils/random.ts';
import { exportNetwork } from './export-network.ts';
import { fitNetwork } from './fit-network.ts';
import { measureScores, measureThreshold } from './measure-scores.ts';
import { mergeNetworks } from './merge-networks.ts';
import { accumulateGradients, makeGradients, makeNetwork, predict, runLayers } from './network.ts';
import { measurePreparation, prepareFeatures } from './prepare-features.ts';

describe('network', () => {
  it('has gradients that finite differences confirm', () => {
    const random = createRandom(4);
    const network = makeNetwork([5, 7, 4, 1], random);
    const input = Float64Array.from({ length: 5 }, () => random.normal());
    const gradients = makeGradients(network);
    accumulateGradients(network, input, 0.9, 1.7, gradients);
    const lossAt = () => accumulateGradients(network, input, 0.9, 1.7, makeGradients(network));
    let largest = 0;
    network.layers.forEach((layer, l) => {
      for (const part of ['weights', 'biases'] as const) {
        for (let i = 0; i < layer[part].length; i++) {
          const value = layer[part][i]!;
          const step = 1e-6;
          layer[part][i] = value + step;
          const above = lossAt();
          layer[part][i] = value - step;
          const below = lossAt();
          layer[part][i] = value;
          const numerical = (above - below) / (2 * step);
          largest = Math.max(largest, Math.abs(gradients[l]![part][i]!));
          // Central differences of a smooth loss at 1e-6 are good to 1e-9.
          expect(gradients[l]![part][i]!).toBeCloseTo(numerical, 7);
        }
      }
    });
    expect(largest).toBeGreaterThan(0.01);
  });

  it('learns a rule that no single feature holds, the same way each time', () => {
    const random = createRandom(9);
    const draw = () =>
      Array.from({ length: 600 }, () => {
        const input = Float64Array.of(random.normal(), random.normal());
        return { input, isReal: input[0]! * input[1]! > 0 };
      });
    const [training, validation, test] = [draw(), draw(), draw()];
    const config = {
      hidden: [12, 8],
      epochs: 60,
      batch: 32,
      learningRate: 0.01,
      weightDecay: 1e-4,
      labelSmoothing: 0,
      seed: 3,
    };
    const fitted = fitNetwork(training, validation, config);
    const scored = test.map(({ input, isReal }) => ({ score: predict(fitted.network, input), isReal }));
    expect(measureScores(scored).rocAuc).toBeGreaterThan(0.98);
    expect(fitNetwork(training, validation, config)).toEqual(fitted);
  });
});

describe('mergeNetworks', () => {
  it("has the mean of its members' logits", () => {
    const random = createRandom(2);
    const members = Array.from({ length: 3 }, () => makeNetwork([4, 6, 5, 1], random));
    const merged = mergeNetworks(members);
    const input = Float64Array.from({ length: 4 }, () => random.normal());
    const logits = members.map((member) => runLayers(member, input).at(-1)![0]!);
    const mean = logits.reduce((sum, z) => sum + z, 0) / 3;
    expect(runLayers(merged, input).at(-1)![0]!).toBeCloseTo(mean, 12);
  });
});

describe('exportNetwork', () => {
  it('computes in onnxruntime what it computes here, from raw features', async () => {
    const random = createRandom(11);
    const rows = Array.from({ length: 50 }, () =>
      Float32Array.from({ length: 6 }, (_, f) => random.normal() * 10 ** (f - 2)),
    );
    const preparation = measurePreparation(rows);
    const network = makeNetwork([6, 9, 5, 1], random);
    const bytes = exportNetwork('test', network, preparation, { version: '0' });
    const session = await ort.InferenceSession.create(bytes);
    const features = new ort.Tensor('float32', Float32Array.from(rows.flatMap((row) => [...row])), [50, 6]);
    const { score } = await session.run({ features });
    expect(score!.dims).toEqual([50, 1]);
    rows.forEach((row, i) => {
      // float32 against float64.
      expect((score!.data as Float32Array)[i]!).toBeCloseTo(
        predict(network, prepareFeatures(preparation, row)),
        5,
      );
    });
    await session.release();
  });
});

describe('measureScores', () => {
  const scored = [
    { score: 0.9, isReal: true },
    { score: 0.8, isReal: true },
    { score: 0.7, isReal: false },
    { score: 0.6, isReal: true },
    { score: 0.2, isReal: false },
  ];

  it('agrees with counting by hand', () => {
    const metrics = measureScores(scored);
    // Of six pairs one is in the wrong order.
    expect(metrics.rocAuc).toBeCloseTo(5 / 6, 12);
    expect(metrics.averagePrecision).toBeCloseTo((1 + 1 + 3 / 4) / 3, 12);
    expect(metrics.falsePositiveRateAt99).toBe(0.5);
    expect(measureThreshold(scored, 0.75)).toEqual({
      threshold: 0.75,
      completeness: 2 / 3,
      purity: 1,
      falsePositiveRate: 0,
    });
  });

  it('gives one half to scores that say nothing', () => {
    expect(measureScores(scored.map((s) => ({ ...s, score: 0.5 }))).rocAuc).toBe(0.5);
  });
});
