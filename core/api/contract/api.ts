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

/** What lies on the disk of this workspace. */
export const Storage = z.object({
  blobs: z
    .array(
      z.object({
        kind: z.string().describe('science, difference ...: planes of runs; triplet: cutouts of candidates'),
        count: z.number().int(),
        bytes: z.number().int(),
        missing: z.number().int().describe('known of, and their bytes not here yet'),
      }),
    )
    .describe('the largest first; bytes that several runs share are counted once of each kind'),
  databaseBytes: z.number().int(),
  diskFreeBytes: z.number(),
  diskTotalBytes: z.number(),
});
export type Storage = z.infer<typeof Storage>;

/** Threads that compute, and what waits for them. */
export const Workers = z.object({
  pools: z.array(
    z.object({
      name: z.enum(['pixels', 'scores']),
      threads: z.number().int().describe('alive now; they come with work and go without'),
      most: z.number().int(),
      running: z.number().int().describe('tasks'),
      waiting: z.number().int().describe('tasks'),
      finished: z.number().int().describe('tasks since the start'),
    }),
  ),
  runs: z.object({
    queued: z.number().int(),
    running: z.number().int(),
    done: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
  }),
});
export type Workers = z.infer<typeof Workers>;

export const api = {
  storage: oc
    .route({ method: 'GET', path: '/storage', summary: 'Bytes and blobs by kind', tags: ['api'] })
    .output(Storage),
  workers: oc
    .route({ method: 'GET', path: '/workers', summary: 'Threads that compute, and the queue', tags: ['api'] })
    .output(Workers),
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
