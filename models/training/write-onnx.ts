/**
 * A small writer of ONNX files: only what a feed-forward network over a table of features needs.
 *
 * ONNX is protocol buffers (proto3); field numbers are those of onnx.proto, IR version 8, opset 17.
 *
 * @see https://github.com/onnx/onnx/blob/v1.14.0/onnx/onnx.proto
 */

/** One operation of the graph; all inputs and outputs by name. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Integer attributes, e.g. `transB`. */
  readonly integers?: Readonly<Record<string, number>> | undefined;
}

/** A constant of the graph. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A graph of one float input (batch, width) and one float output (batch, width). */
export interface OnnxGraph {
  readonly name: string;
  readonly input: { readonly name: string; readonly width: number };
  readonly output: { readonly name: string; readonly width: number };
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  /** Free text kept with the model. */
  readonly metadata: Readonly<Record<string, string>>;
}

const IR_VERSION = 8;
const OPSET_VERSION = 17;
const FLOAT = 1;
const ATTRIBUTE_INT = 2;

/** Write a graph as the bytes of an ONNX file. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  return message(
    integer(1, IR_VERSION),
    text(2, 'astrid'),
    text(5, graph.name),
    bytes(
      7,
      message(
        ...graph.nodes.map((node, i) => bytes(1, writeNode(node, i))),
        text(2, graph.name),
        ...graph.constants.map((constant) => bytes(5, writeTensor(constant))),
        bytes(11, writeValueInfo(graph.input)),
        bytes(12, writeValueInfo(graph.output)),
      ),
    ),
    bytes(8, message(text(1, ''), integer(2, OPSET_VERSION))),
    ...Object.entries(graph.metadata).map(([key, value]) => bytes(14, message(text(1, key), text(2, value)))),
  );
}

function writeNode(node: OnnxNode, index: number): Uint8Array {
  const attributes = Object.entries(node.integers ?? {}).map(([name, value]) =>
    bytes(5, message(text(1, name), integer(3, value), integer(20, ATTRIBUTE_INT))),
  );
  return message(
    ...node.inputs.map((name) => text(1, name)),
    text(2, node.output),
    text(3, `${node.op.toLowerCase()}-${index}`),
    text(4, node.op),
    ...attributes,
  );
}

function writeTensor({ name, shape, values }: OnnxConstant): Uint8Array {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  // raw_data is little-endian whatever the machine.
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return message(...shape.map((side) => integer(1, side)), integer(2, FLOAT), text(8, name), bytes(9, raw));
}

function writeValueInfo({ name, width }: { readonly name: string; readonly width: number }): Uint8Array {
  const shape = message(bytes(1, message(text(2, 'batch'))), bytes(1, message(integer(1, width))));
  return message(text(1, name), bytes(2, message(bytes(1, message(integer(1, FLOAT), bytes(2, shape))))));
}

function message(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Uint8Array.from(out);
}

function integer(field: number, value: number): Uint8Array {
  return message(varint(field * 8), varint(value));
}

function bytes(field: number, content: Uint8Array): Uint8Array {
  return message(varint(field * 8 + 2), varint(content.length), content);
}

function text(field: number, content: string): Uint8Array {
  return bytes(field, new TextEncoder().encode(content));
}
