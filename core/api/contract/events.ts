import { z } from 'zod';
import { Id, Instant } from './shared.ts';

/** What a row of the event log may speak of. */
export const EventKind = z.enum([
  'run.queued',
  'run.finished',
  'run.failed',
  'run.cancelled',
  'stage.started',
  'stage.finished',
  'stage.failed',
  'observation.ingested',
  'observation.preprocessed',
  'detection.scored',
  'candidate.found',
  'detection.validated',
  'label.retracted',
  'candidate.noted',
  'labels.merged',
  'difference.reviewed',
  'review.retracted',
  'run.received',
  'object.named',
  'sync.exchanged',
]);
export type EventKind = z.infer<typeof EventKind>;

/**
 * One row of the durable event log, as sent on `GET /api/v1/events` (server-sent events).
 *
 * `id` is the SSE id: send it back as `Last-Event-ID` and nothing is missed or repeated.
 */
export const LogEvent = z.object({
  id: z.number().int(),
  kind: EventKind,
  at: Instant,
  runId: Id.optional(),
  candidateId: Id.optional(),
  data: z.record(z.string(), z.unknown()),
});
export type LogEvent = z.infer<typeof LogEvent>;

/**
 * Progress inside a running stage; sent on the same stream without an id, because it is not kept.
 */
export const Progress = z.object({
  runId: Id,
  stage: z.string(),
  fraction: z.number().min(0).max(1),
  message: z.string(),
});
export type Progress = z.infer<typeof Progress>;
