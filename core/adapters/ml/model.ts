import type { Detection, Triplet } from '../../domains/detection/index.ts';

/** Where a model computes, best first; the machine decides which are there. */
export const EXECUTION_PROVIDERS = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'] as const;

export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What a model's folder says of itself: `manifest.json`. */
export interface ModelManifest {
  readonly name: string;
  readonly version: string;
  /** File name of the ONNX graph beside the manifest, and its SHA-256. */
  readonly file: string;
  readonly sha256: string;
  readonly input: {
    readonly name: string;
    /** Names of the features, in the order of the input's columns. */
    readonly features: readonly string[];
  };
  readonly output: { readonly name: string };
  /** Score from which a candidate is worth looking at, unless a person says otherwise. */
  readonly threshold: number;
  /** Rows of features with the scores that they must get, to 1e-4. */
  readonly verification: {
    readonly inputs: readonly (readonly number[])[];
    readonly outputs: readonly number[];
  };
}

/** Scores of detections, with what made them. */
export interface Scores {
  /** Real-bogus in [0, 1], 1 = real; one for each detection. */
  readonly scores: readonly number[];
  readonly modelVersion: string;
  readonly executionProvider: string;
}

/** A model that is open on its own thread; `close` lets it go. */
export interface Scorer {
  /** Name and version, e.g. `real-bogus-1`. */
  readonly modelVersion: string;
  /** `none` where no model is installed and S/N stands in for one. */
  readonly executionProvider: ExecutionProvider | 'none';
  /** Why better providers were not taken, one sentence each. */
  readonly notes: readonly string[];
  readonly threshold: number;
  /** Score detections; the triplets are there for models that look at pixels. */
  score(detections: readonly Detection[], triplets: readonly Triplet[]): Promise<Scores>;
  /** Score rows as fast as it can for a while. */
  measure(): Promise<{ readonly rows: number; readonly seconds: number }>;
  close(): Promise<void>;
}
