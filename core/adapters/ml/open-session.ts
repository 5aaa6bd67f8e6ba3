import { existsSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import type { ExecutionProvider } from './model.ts';
import { EXECUTION_PROVIDERS } from './model.ts';
import type { StoredModel } from './read-manifest.ts';
import { corrupt } from './read-manifest.ts';

/** Largest difference of a score from the manifest's that a provider may make. */
const TOLERANCE = 1e-4;

/** A model open for inference; `close` frees it. */
export interface ModelSession {
  readonly provider: ExecutionProvider;
  readonly notes: readonly string[];
  /** @param rows features of all rows, one after the other, in the manifest's order. */
  score(rows: Float32Array, count: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Open a model on the best execution provider that the machine has and that computes rightly.
 *
 * Each provider is tried in turn; it is taken if it scores the manifest's rows as the manifest says.
 *
 * @param wanted providers to try, best first; the CPU is always tried last.
 * @throws detection/model-corrupt when not even the CPU agrees with the manifest
 */
export async function openSession(
  model: StoredModel,
  wanted: readonly ExecutionProvider[] = EXECUTION_PROVIDERS,
): Promise<ModelSession> {
  // Native libraries complain on stderr of providers that are not there; the notes say it better.
  ort.env.logLevel = 'fatal';
  const supported = ort.listSupportedBackends().map((backend) => backend.name);
  const notes: string[] = [];
  for (const provider of [...wanted.filter((name) => name !== 'cpu'), 'cpu' as const]) {
    if (!supported.includes(provider)) continue;
    const absent = provider === 'cpu' ? undefined : explainAbsence(provider);
    if (absent !== undefined) {
      notes.push(absent);
      continue;
    }
    const opened = await tryProvider(model, provider);
    if (typeof opened === 'object') return { ...opened, provider, notes };
    if (provider === 'cpu') throw corrupt(model.folder, opened);
    notes.push(`${provider}: ${opened}`);
  }
  throw new Error('onnxruntime lists no CPU backend');
}

/** Say why a provider cannot be on this machine; trying it anyway makes its library write to stderr. */
function explainAbsence(provider: ExecutionProvider): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (provider === 'cuda' && !existsSync('/dev/nvidiactl')) return 'cuda: there is no NVIDIA device';
  const hasDevice = existsSync('/dev/dri') || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg');
  if (provider === 'webgpu' && !hasDevice && !process.env.VK_DRIVER_FILES)
    return 'webgpu: there is no GPU device';
  return undefined;
}

/** Open and verify; a sentence says what is wrong. */
async function tryProvider(
  model: StoredModel,
  provider: ExecutionProvider,
): Promise<Pick<ModelSession, 'score' | 'close'> | string> {
  const { input, output, verification } = model.manifest;
  const width = input.features.length;
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model.bytes, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      // One small matrix product needs no second thread.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
  } catch (error) {
    return `does not open: ${firstLine(error)}`;
  }
  const score = async (rows: Float32Array, count: number): Promise<Float32Array> => {
    if (count === 0) return new Float32Array(0);
    const feeds = { [input.name]: new ort.Tensor('float32', rows, [count, width]) };
    const result = (await session.run(feeds))[output.name];
    return Float32Array.from((await result!.getData()) as Float32Array);
  };
  const close = () => session.release();
  try {
    const scores = await score(Float32Array.from(verification.inputs.flat()), verification.inputs.length);
    const worst = scores.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - verification.outputs[i]!)),
      0,
    );
    if (scores.length === verification.outputs.length && worst <= TOLERANCE) return { score, close };
    await close();
    return `its scores differ from the manifest's by ${worst.toExponential(1)}`;
  } catch (error) {
    await close();
    return `does not run: ${firstLine(error)}`;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300);
}
