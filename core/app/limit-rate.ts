/** How often something may happen: a bucket of `burst` tokens that fills by `perSecond`. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What one more request came to. */
export interface Taken {
  readonly isAllowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Until one more is allowed, s; 0 where it is now. */
  readonly retryAfterS: number;
  /** Until the bucket is full again, s. */
  readonly resetS: number;
}

/** Buckets by name. */
export interface RateLimiter {
  readonly rate: Rate;
  /** Take a token, where there is one. */
  take(name: string): Taken;
  /** Look without taking. */
  look(name: string): Taken;
  /** Take a token although there be none: what was begun at once is paid for afterwards. */
  charge(name: string): void;
}

/** Most names that are remembered: a flood of addresses costs no more memory than this. */
const MOST_NAMES = 10_000;

/**
 * Count requests by name.
 *
 * @param now monotonic clock, ms.
 */
export function createRateLimiter(rate: Rate, now: () => number = () => performance.now()): RateLimiter {
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  const fill = (name: string): { tokens: number; atMs: number } => {
    const atMs = now();
    const known = buckets.get(name);
    if (known === undefined) return { tokens: rate.burst, atMs };
    const tokens = Math.min(rate.burst, known.tokens + ((atMs - known.atMs) / 1000) * rate.perSecond);
    return { tokens, atMs };
  };
  const keep = (name: string, bucket: { tokens: number; atMs: number }): void => {
    // Put last: those that were not heard of for longest are forgotten first.
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size > MOST_NAMES) buckets.delete(buckets.keys().next().value!);
  };
  const tell = (tokens: number, isAllowed: boolean): Taken => ({
    isAllowed,
    remaining: Math.max(0, Math.floor(tokens)),
    retryAfterS: tokens >= 1 ? 0 : Math.ceil((1 - tokens) / rate.perSecond),
    resetS: Math.ceil((rate.burst - tokens) / rate.perSecond),
  });
  return {
    rate,
    take: (name) => {
      const bucket = fill(name);
      const isAllowed = bucket.tokens >= 1;
      if (isAllowed) bucket.tokens--;
      keep(name, bucket);
      return tell(bucket.tokens, isAllowed);
    },
    look: (name) => {
      const { tokens } = fill(name);
      return tell(tokens, tokens >= 1);
    },
    charge: (name) => {
      const bucket = fill(name);
      bucket.tokens--;
      keep(name, bucket);
    },
  };
}

/**
 * Write a limit as headers.
 *
 * @see draft-ietf-httpapi-ratelimit-headers-10; `Retry-After` is RFC 9110, 10.2.3
 */
export function rateHeaders(
  name: string,
  { perSecond, burst }: Rate,
  { isAllowed, remaining, retryAfterS, resetS }: Taken,
): Readonly<Record<string, string>> {
  return {
    'ratelimit-policy': `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
    ratelimit: `"${name}";r=${remaining};t=${resetS}`,
    ...(isAllowed ? {} : { 'retry-after': String(Math.max(1, retryAfterS)) }),
  };
}
