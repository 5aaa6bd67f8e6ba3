/** A finished run as other workstations are told of it. */
export interface SharedRun {
  readonly id: string;
  readonly createdAt: string;
  /** What the files are called, wherever they lie. */
  readonly scienceName: string;
  readonly templateName: string;
  /** How many runs of the same two files came before it on its workstation; absent is 0. */
  readonly nthOfPair?: number | undefined;
  /** Facts of the two exposures, as the run's record has them. */
  readonly science?: Readonly<Record<string, unknown>> | undefined;
  readonly template?: Readonly<Record<string, unknown>> | undefined;
  readonly grade?: string | undefined;
  readonly gradeReasons: readonly string[];
  readonly completeness?: Readonly<Record<string, unknown>> | undefined;
}

/** A candidate as other workstations are told of it; its pixels follow by their address. */
export interface SharedDetection {
  readonly id: string;
  readonly runId: string;
  readonly createdAt: string;
  readonly rank: number;
  readonly score: number;
  readonly modelVersion: string;
  readonly executionProvider: string;
  readonly xPx: number;
  readonly yPx: number;
  readonly raDeg?: number | undefined;
  readonly decDeg?: number | undefined;
  readonly fluxE: number;
  readonly fluxErrE: number;
  readonly snr: number;
  readonly scorr: number;
  readonly isNegative: boolean;
  readonly areaPx: number;
  readonly maskBits: number;
  readonly mag?: number | undefined;
  readonly tripletSha256: string;
  readonly flags: readonly string[];
  readonly features: Readonly<Record<string, number>>;
}

/** A decision on a difference, or its retraction, as other workstations are told of it. */
export interface SharedReview {
  readonly id: string;
  readonly kind: 'review' | 'retraction';
  readonly runId: string;
  readonly at: string;
  readonly curator: string;
  readonly decision?: string | undefined;
  readonly comment?: string | undefined;
  readonly retractsId?: string | undefined;
}

/** An image of a run that lies in the bucket, or is on its way there. */
export interface SharedPlane {
  readonly kind: string;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly dtype: 'float32' | 'uint16';
  readonly unit: string;
}

/** Images that others look at; variances and the like stay where they were made. */
export const SHARED_PLANES = ['science', 'template', 'difference', 'score', 'mask'] as const;

/** A file that a run was made of, where its workstation sends such. */
export interface SharedRawFile {
  readonly role: 'science' | 'template';
  /** What it is called, wherever it lies. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}
