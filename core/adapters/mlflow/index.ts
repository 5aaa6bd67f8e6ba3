export { describeOnnx, type OnnxModel } from './describe-onnx.ts';
export { type MlflowRun, writeMlflowRun } from './write-run.ts';
