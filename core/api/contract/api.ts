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

/** What the machine is busy with now; what cannot be known here is absent. */
export const Resources = z.object({
  at: Instant,
  cores: z.number().int(),
  cpuPercent: z.number().describe('of all cores, this program'),
  load1: z.number().describe('processes that want to run, mean of a minute'),
  programBytes: z.number().describe('memory of this program'),
  freeBytes: z.number(),
  totalBytes: z.number(),
  diskFreeBytes: z.number(),
  diskTotalBytes: z.number(),
  gpus: z.array(
    z.object({
      name: z.string(),
      percent: z.number().optional(),
      usedBytes: z.number().optional(),
      totalBytes: z.number().optional(),
    }),
  ),
});
export type Resources = z.infer<typeof Resources>;

export const api = {
  resources: oc
    .route({ method: 'GET', path: '/resources', summary: 'What the machine is busy with now', tags: ['api'] })
    .output(Resources),
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
        folders: z
          .array(
            z.object({
              name: z.string(),
              path: z.string(),
              bytes: z.number().optional(),
              note: z.string().optional(),
            }),
          )
          .describe('where everything lies'),
        findings: z.array(Finding),
      }),
    ),
};
