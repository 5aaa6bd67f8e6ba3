import type { ErrorCode, ErrorRecord } from '../../../utils/errors.ts';

/** The columns in which a row keeps an error. */
export interface ErrorColumns {
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorDetails: Record<string, unknown> | null;
}

/** Spread an error, or there being none, over its columns. */
export function errorColumns(error: ErrorRecord | undefined): ErrorColumns {
  if (error === undefined) return { errorCode: null, errorMessage: null, errorDetails: null };
  return { errorCode: error.code, errorMessage: error.message, errorDetails: { ...error.details } };
}

/** Read the error that `errorColumns` wrote down. */
export function toError(row: ErrorColumns): ErrorRecord | undefined {
  if (row.errorCode === null) return undefined;
  return {
    code: row.errorCode as ErrorCode,
    message: row.errorMessage ?? '',
    details: row.errorDetails ?? {},
  };
}
