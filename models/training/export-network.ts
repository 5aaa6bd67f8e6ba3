import type { Network } from './network.ts';
import type { Preparation } from './prepare-features.ts';
import { CLIP } from './prepare-features.ts';
import type { OnnxConstant, OnnxNode } from './write-onnx.ts';
import { writeOnnx } from './write-onnx.ts';

/**
 * Export a network and its preparation as one ONNX graph: raw `features` (batch, n) in, `score` (batch, 1) out.
 */
export function exportNetwork(
  name: string,
  network: Network,
  preparation: Preparation,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const width = preparation.scale.length;
  const constants: OnnxConstant[] = [
    { name: 'scale', shape: [width], values: Float32Array.from(preparation.scale) },
    { name: 'mean', shape: [width], values: Float32Array.from(preparation.mean) },
    { name: 'sigma', shape: [width], values: Float32Array.from(preparation.sigma) },
    { name: 'low', shape: [], values: Float32Array.of(-CLIP) },
    { name: 'high', shape: [], values: Float32Array.of(CLIP) },
  ];
  const nodes: OnnxNode[] = [
    { op: 'Div', inputs: ['features', 'scale'], output: 'scaled' },
    { op: 'Asinh', inputs: ['scaled'], output: 'compressed' },
    { op: 'Sub', inputs: ['compressed', 'mean'], output: 'centred' },
    { op: 'Div', inputs: ['centred', 'sigma'], output: 'standardised' },
    { op: 'Clip', inputs: ['standardised', 'low', 'high'], output: 'layer-0' },
  ];
  network.layers.forEach((layer, l) => {
    const isLast = l === network.layers.length - 1;
    constants.push(
      {
        name: `weights-${l}`,
        shape: [layer.outputs, layer.inputs],
        values: Float32Array.from(layer.weights),
      },
      { name: `biases-${l}`, shape: [layer.outputs], values: Float32Array.from(layer.biases) },
    );
    nodes.push(
      {
        op: 'Gemm',
        inputs: [`layer-${l}`, `weights-${l}`, `biases-${l}`],
        output: `sum-${l}`,
        integers: { transB: 1 },
      },
      isLast
        ? { op: 'Sigmoid', inputs: [`sum-${l}`], output: 'score' }
        : { op: 'Relu', inputs: [`sum-${l}`], output: `layer-${l + 1}` },
    );
  });
  return writeOnnx({
    name,
    input: { name: 'features', width },
    output: { name: 'score', width: 1 },
    nodes,
    constants,
    metadata,
  });
}
