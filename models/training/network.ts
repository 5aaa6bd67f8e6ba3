import type { Random } from '../../core/utils/random.ts';

/** A dense layer: `outputs` rows of `inputs` weights, and a bias each. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** Dense layers with ReLU between them; the last gives one logit. */
export interface Network {
  readonly layers: readonly Layer[];
}

/** Gradients of the loss, shaped like the network. */
export type Gradients = readonly { readonly weights: Float64Array; readonly biases: Float64Array }[];

/** Make a network with random weights. @see He et al. 2015, arXiv:1502.01852, eq. 10 (initial scale for ReLU) */
export function makeNetwork(widths: readonly number[], random: Random): Network {
  const layers = widths.slice(1).map((outputs, i) => {
    const inputs = widths[i]!;
    const scale = Math.sqrt(2 / inputs);
    return {
      inputs,
      outputs,
      weights: Float64Array.from({ length: inputs * outputs }, () => scale * random.normal()),
      biases: new Float64Array(outputs),
    };
  });
  return { layers };
}

/** Make zero gradients for a network. */
export function makeGradients(network: Network): Gradients {
  return network.layers.map(({ weights, biases }) => ({
    weights: new Float64Array(weights.length),
    biases: new Float64Array(biases.length),
  }));
}

/** Compute the outputs of every layer for one example; the last holds the logit. */
export function runLayers(network: Network, input: Float64Array): readonly Float64Array[] {
  const outputs: Float64Array[] = [];
  let current = input;
  network.layers.forEach((layer, l) => {
    const next = new Float64Array(layer.outputs);
    for (let o = 0; o < layer.outputs; o++) {
      let sum = layer.biases[o]!;
      const row = o * layer.inputs;
      for (let i = 0; i < layer.inputs; i++) sum += layer.weights[row + i]! * current[i]!;
      next[o] = l < network.layers.length - 1 ? Math.max(0, sum) : sum;
    }
    outputs.push(next);
    current = next;
  });
  return outputs;
}

/** Score one prepared example: the probability that the network gives to `real`, 0..1. */
export function predict(network: Network, input: Float64Array): number {
  return logistic(runLayers(network, input).at(-1)![0]!);
}

/**
 * Add one example's gradients of the weighted cross-entropy.
 *
 * @param target 1 for real, 0 for bogus; between them with label smoothing.
 * @returns its loss.
 */
export function accumulateGradients(
  network: Network,
  input: Float64Array,
  target: number,
  weight: number,
  gradients: Gradients,
): number {
  const outputs = runLayers(network, input);
  const logit = outputs.at(-1)![0]!;
  // d(cross-entropy)/d(logit) = p - t
  let delta = Float64Array.of(weight * (logistic(logit) - target));
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const layer = network.layers[l]!;
    const before = l > 0 ? outputs[l - 1]! : input;
    const own = gradients[l]!;
    const passed = new Float64Array(layer.inputs);
    for (let o = 0; o < layer.outputs; o++) {
      const d = delta[o]!;
      if (d === 0) continue;
      own.biases[o]! += d;
      const row = o * layer.inputs;
      for (let i = 0; i < layer.inputs; i++) {
        own.weights[row + i]! += d * before[i]!;
        passed[i]! += d * layer.weights[row + i]!;
      }
    }
    // ReLU passes what was positive.
    for (let i = 0; l > 0 && i < passed.length; i++) if (before[i]! <= 0) passed[i] = 0;
    delta = passed;
  }
  return weight * crossEntropy(logit, target);
}

/** log(1 + e^z) - t z, without overflow. */
export function crossEntropy(logit: number, target: number): number {
  return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
}

/** 1 / (1 + e^-z). */
export function logistic(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
