/** A blob that the bucket has and that lies here too. */
export interface LocalBlob {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was last looked at, ms since 1970. */
  readonly usedAtMs: number;
  /** Somebody wants it here whatever comes, or the line still works with it. */
  readonly isKept: boolean;
}

/** What lies here of what the bucket has, and what of it would go. */
export interface EvictionPlan {
  readonly localBytes: number;
  /** Of those that somebody wants here whatever comes. */
  readonly keptBytes: number;
  /** Least recently looked at first. */
  readonly evicted: readonly LocalBlob[];
}

/** What was looked at so recently is on somebody's screen, ms. */
const CURRENT_MS = 10 * 60_000;

/**
 * Choose which local bytes make room: those that nobody has looked at for longest, until the rest is within the limit.
 *
 * What is kept or was just looked at stays, also where the limit is exceeded by it.
 *
 * @param limitBytes `undefined` is no limit.
 */
export function chooseEvictions(
  blobs: readonly LocalBlob[],
  limitBytes: number | undefined,
  nowMs: number,
): EvictionPlan {
  const localBytes = blobs.reduce((sum, { bytes }) => sum + bytes, 0);
  const keptBytes = blobs.reduce((sum, { bytes, isKept }) => sum + (isKept ? bytes : 0), 0);
  const evicted: LocalBlob[] = [];
  let left = localBytes;
  const oldestFirst = [...blobs].sort((a, b) => a.usedAtMs - b.usedAtMs || (a.sha256 < b.sha256 ? -1 : 1));
  for (const blob of oldestFirst) {
    if (limitBytes === undefined || left <= limitBytes) break;
    if (blob.isKept || blob.usedAtMs > nowMs - CURRENT_MS) continue;
    evicted.push(blob);
    left -= blob.bytes;
  }
  return { localBytes, keptBytes, evicted };
}
