import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Instant } from './shared.ts';

/** One thing that works or does not, and the command that mends it. */
export const Finding = z.object({
  name: z.string(),
  state: z.enum(['ok', 'warning', 'error']),
  message: z.string(),
  remedy: z.string().optional(),
});
export type Finding = z.infer<typeof Finding>;

export const api = {
  live: oc
    .route({ method: 'GET', path: '/health/live', summary: 'The process answers', tags: ['api'] })
    .output(z.object({ status: z.literal('live') })),
  ready: oc
    .route({ method: 'GET', path: '/health/ready', summary: 'The workspace is open', tags: ['api'] })
    .output(z.object({ status: z.literal('ready'), schemaVersion: z.number().int() })),
  system: oc
    .route({ method: 'GET', path: '/system', summary: 'What this workstation is made of', tags: ['api'] })
    .output(
      z.object({
        version: z.string(),
        host: z.enum(['electron', 'headless', 'direct']),
        workspace: z.string(),
        startedAt: Instant,
        threads: z.number().int(),
        executionProvider: z.string().optional(),
        modelVersion: z.string().optional(),
        findings: z.array(Finding),
      }),
    ),
};
