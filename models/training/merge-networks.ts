import type { Layer, Network } from './network.ts';

/**
 * Merge networks of one shape into a single one whose logit is the mean of theirs.
 *
 * Their hidden layers lie side by side: weights between different members are zero.
 */
export function mergeNetworks(members: readonly Network[]): Network {
  const count = members.length;
  const depth = members[0]!.layers.length;
  const layers = members[0]!.layers.map((shape, l): Layer => {
    const isFirst = l === 0;
    const isLast = l === depth - 1;
    const inputs = isFirst ? shape.inputs : shape.inputs * count;
    const outputs = isLast ? 1 : shape.outputs * count;
    const weights = new Float64Array(inputs * outputs);
    const biases = new Float64Array(outputs);
    members.forEach((member, m) => {
      const own = member.layers[l]!;
      const share = isLast ? 1 / count : 1;
      for (let o = 0; o < own.outputs; o++) {
        const row = isLast ? 0 : m * own.outputs + o;
        biases[row]! += share * own.biases[o]!;
        for (let i = 0; i < own.inputs; i++) {
          const column = isFirst ? i : m * own.inputs + i;
          weights[row * inputs + column]! += share * own.weights[o * own.inputs + i]!;
        }
      }
    });
    return { inputs, outputs, weights, biases };
  });
  return { layers };
}
