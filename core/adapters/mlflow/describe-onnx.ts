import { yaml } from './write-run.ts';

/** A network as MLflow serves it. */
export interface OnnxModel {
  readonly runId: string;
  /** 32 hexadecimal digits. */
  readonly modelUuid: string;
  readonly createdAt: Date;
  readonly bytes: Uint8Array;
  readonly input: { readonly name: string; readonly width: number };
  readonly output: { readonly name: string };
}

const PYTHON = '3.11.0';
/** Versions that read the graph: operators of set 17. */
const NEEDS = ['mlflow', 'onnx>=1.12', 'onnxruntime>=1.12', 'numpy'];

/** Write the files beside a network by which MLflow knows what it is: `MLmodel` and what Python needs to run it. */
export function describeOnnx(model: OnnxModel): Readonly<Record<string, string | Uint8Array>> {
  const flavors = {
    onnx: {
      code: null,
      data: 'model.onnx',
      onnx_session_options: null,
      onnx_version: '1.12.0',
      providers: ['CUDAExecutionProvider', 'CPUExecutionProvider'],
    },
    python_function: {
      data: 'model.onnx',
      env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
      loader_module: 'mlflow.onnx',
      python_version: PYTHON,
    },
  };
  const tensor = (name: string, shape: readonly number[]): string =>
    JSON.stringify([{ name, type: 'tensor', 'tensor-spec': { dtype: 'float32', shape } }]);
  return {
    'model/MLmodel': yaml({
      artifact_path: 'model',
      flavors,
      model_size_bytes: model.bytes.length,
      model_uuid: model.modelUuid,
      run_id: model.runId,
      signature: {
        inputs: tensor(model.input.name, [-1, model.input.width]),
        outputs: tensor(model.output.name, [-1, 1]),
        params: null,
      },
      utc_time_created: model.createdAt.toISOString().replace('T', ' ').replace('Z', '000'),
    }),
    'model/model.onnx': model.bytes,
    'model/requirements.txt': `${NEEDS.join('\n')}\n`,
    'model/python_env.yaml': yaml({
      python: PYTHON,
      build_dependencies: ['pip'],
      dependencies: ['-r requirements.txt'],
    }),
    'model/conda.yaml': yaml({
      channels: ['conda-forge'],
      dependencies: [`python=${PYTHON}`, 'pip', { pip: NEEDS }],
      name: 'mlflow-env',
    }),
  };
}
