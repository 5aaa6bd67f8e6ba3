import { z } from 'zod';

/** An id made by us: UUIDv7. */
export const Id = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
  error: 'an id is a UUIDv7 in lower case',
});

/** A moment: ISO 8601 in UTC with milliseconds. */
export const Instant = z.iso.datetime();

/** The address of a blob: sha256 in hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Every failure, as `application/problem+json`. @see RFC 9457 */
export const Problem = z.object({
  type: z.string().describe('about:blank: `code` tells problems apart'),
  title: z.string().describe('what the status means'),
  status: z.number().int().min(400).max(599),
  detail: z.string().describe('what, where and what to do'),
  code: z.string().describe('context/what-happened; never changes'),
  details: z.record(z.string(), z.unknown()).describe('numbers and names of this failure'),
});
export type Problem = z.infer<typeof Problem>;

/** Page through a list: pass `nextCursor` back as `cursor`. */
export const pageQuery = {
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
};

/** A page of rows and where the next one starts. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    items: z.array(row),
    nextCursor: z.string().optional(),
    total: z.number().int().describe('rows that match, all pages together'),
  });

/** A plane of pixels kept as a blob; fetch it from `/blob/{sha256}`. */
export const PlaneRef = z.object({
  kind: z.enum([
    'science',
    'template',
    'difference',
    'score',
    'mask',
    'science-variance',
    'difference-variance',
  ]),
  sha256: Sha256,
  width: z.number().int(),
  height: z.number().int(),
  dtype: z.enum(['float32', 'uint16']).describe('little-endian, row-major, first row at the bottom'),
  unit: z.string(),
});
export type PlaneRef = z.infer<typeof PlaneRef>;

/** Names of the bits of a mask plane, the lowest first. */
export const MASK_BITS = ['BAD', 'SAT', 'EDGE', 'CR', 'NO_DATA', 'DETECTED', 'STREAK', 'SPIKE'] as const;

/** A place on the sky, degrees ICRS. */
export const SkyPosition = z.object({ raDeg: z.number(), decDeg: z.number() });
export type SkyPosition = z.infer<typeof SkyPosition>;
