import { AstridError } from '../../utils/errors.ts';

const WRONG_KEY = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'Unauthorized', 'InvalidArgument']);
const UNREACHED = /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|ENETUNREACH|EHOSTUNREACH)$/;

interface BucketFailure {
  readonly name?: string;
  readonly Code?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Name of an S3 error, wherever the SDK put it. */
export function nameOf(error: unknown): string | undefined {
  const { name, Code } = error as BucketFailure;
  return Code ?? name;
}

/** Tell whether an object is not there; answers to HEAD have a status and no name. */
export function isMissing(error: unknown): boolean {
  const name = nameOf(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

/**
 * Say in the program's words what kept a bucket from answering.
 *
 * @param where host and bucket; never the keys.
 */
export function explainBucketError(error: unknown, where: string): unknown {
  if (error instanceof AstridError) return error;
  const name = nameOf(error);
  const { code, $metadata } = error as BucketFailure;
  const status = $metadata?.httpStatusCode;
  const details = { where, reason: name ?? code, status };
  if (name === 'AbortError') return error;
  if (name !== undefined && WRONG_KEY.has(name))
    return new AstridError(
      'storage/wrong-key',
      `${where} does not accept this access key; check key and secret.`,
      details,
    );
  // An object that is missing is looked for before this is asked.
  if (name === 'NoSuchBucket' || status === 404)
    return new AstridError(
      'storage/no-such-bucket',
      `There is no bucket at ${where}; check its name.`,
      details,
    );
  if (status === 403 || status === 401)
    return new AstridError(
      'storage/not-permitted',
      `This access key may not do that in ${where}; it needs to read, write, list and delete objects.`,
      details,
    );
  if (
    (status !== undefined && (status >= 500 || status === 429)) ||
    UNREACHED.test(code ?? '') ||
    name === 'TimeoutError'
  )
    return new AstridError(
      'storage/unreachable',
      `${where} does not answer (${name ?? code ?? status}); what was not sent stays here and is sent later.`,
      details,
    );
  return error;
}
