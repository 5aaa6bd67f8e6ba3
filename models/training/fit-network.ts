import { createRandom } from '../../core/utils/random.ts';
import type { Gradients, Network } from './network.ts';
import { accumulateGradients, crossEntropy, makeGradients, makeNetwork, runLayers } from './network.ts';

/** One row of a training table, prepared. */
export interface Example {
  readonly input: Float64Array;
  readonly isReal: boolean;
}

/** How to fit. */
export interface FitConfig {
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Decoupled weight decay per step, times the learning rate. */
  readonly weightDecay: number;
  /** Targets are this far from 0 and 1. */
  readonly labelSmoothing: number;
  readonly seed: number;
}

/** A fitted network and how it got there. */
export interface FittedNetwork {
  readonly network: Network;
  readonly bestEpoch: number;
  /** Mean cross-entropy on the validation examples at the best epoch. */
  readonly validationLoss: number;
}

/**
 * Fit a network by Adam with a cosine schedule, keeping the weights of the best epoch on the validation set.
 *
 * Both classes weigh the same, whatever their numbers.
 *
 * @see Kingma & Ba 2015, arXiv:1412.6980, algorithm 1; Loshchilov & Hutter 2019, arXiv:1711.05101 (weight decay)
 */
export function fitNetwork(
  training: readonly Example[],
  validation: readonly Example[],
  config: FitConfig,
): FittedNetwork {
  const random = createRandom(config.seed);
  const width = training[0]!.input.length;
  const network = makeNetwork([width, ...config.hidden, 1], random);
  const gradients = makeGradients(network);
  const first = makeGradients(network);
  const second = makeGradients(network);
  const weigh = makeClassWeights(training);
  const weighValidation = makeClassWeights(validation);
  const order = training.map((_, i) => i);
  const steps = config.epochs * Math.ceil(training.length / config.batch);
  let step = 0;
  let best: FittedNetwork | undefined;
  for (let epoch = 1; epoch <= config.epochs; epoch++) {
    shuffle(order, random.integer);
    for (let start = 0; start < order.length; start += config.batch) {
      const batch = order.slice(start, start + config.batch);
      for (const layer of gradients) {
        layer.weights.fill(0);
        layer.biases.fill(0);
      }
      for (const i of batch) {
        const { input, isReal } = training[i]!;
        const target = isReal ? 1 - config.labelSmoothing : config.labelSmoothing;
        accumulateGradients(network, input, target, weigh(isReal) / batch.length, gradients);
      }
      step++;
      const rate = 0.5 * config.learningRate * (1 + Math.cos((Math.PI * step) / steps));
      stepAdam(network, gradients, first, second, step, rate, config.weightDecay);
    }
    const loss = meanLoss(network, validation, weighValidation);
    if (!best || loss < best.validationLoss) {
      best = { network: structuredClone(network), bestEpoch: epoch, validationLoss: loss };
    }
  }
  return best!;
}

function makeClassWeights(examples: readonly Example[]): (isReal: boolean) => number {
  const real = examples.filter((example) => example.isReal).length;
  const bogus = examples.length - real;
  return (isReal) => examples.length / (2 * Math.max(1, isReal ? real : bogus));
}

function meanLoss(
  network: Network,
  examples: readonly Example[],
  weigh: (isReal: boolean) => number,
): number {
  let sum = 0;
  for (const { input, isReal } of examples) {
    sum += weigh(isReal) * crossEntropy(runLayers(network, input).at(-1)![0]!, isReal ? 1 : 0);
  }
  return sum / examples.length;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

function stepAdam(
  network: Network,
  gradients: Gradients,
  first: Gradients,
  second: Gradients,
  step: number,
  rate: number,
  decay: number,
): void {
  const correct1 = 1 - BETA1 ** step;
  const correct2 = 1 - BETA2 ** step;
  network.layers.forEach((layer, l) => {
    for (const part of ['weights', 'biases'] as const) {
      const value = layer[part];
      const g = gradients[l]![part];
      const m = first[l]![part];
      const v = second[l]![part];
      for (let i = 0; i < value.length; i++) {
        m[i] = BETA1 * m[i]! + (1 - BETA1) * g[i]!;
        v[i] = BETA2 * v[i]! + (1 - BETA2) * g[i]! * g[i]!;
        const move = m[i]! / correct1 / (Math.sqrt(v[i]! / correct2) + EPSILON);
        value[i]! -= rate * (move + (part === 'weights' ? decay * value[i]! : 0));
      }
    }
  });
}

function shuffle(order: number[], integer: (limit: number) => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}
