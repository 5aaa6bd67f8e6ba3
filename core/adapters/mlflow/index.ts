export { describeOnnx, type OnnxModel } from './describe-onnx.ts';
export { type ReadMlflowRun, readMlflowRuns } from './read-run.ts';
export { type MlflowRun, writeMlflowRun } from './write-run.ts';
