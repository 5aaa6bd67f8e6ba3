import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Instant } from './shared.ts';

/** Images that a field keeps a way of showing for. */
export const IMAGE_KINDS = ['science', 'template', 'difference', 'score'] as const;

/**
 * Which keys do what. Actions that this version does not know are kept: another version, or another screen, may.
 */
export const Keymap = z.looseObject({
  version: z.number().int().default(1),
  preset: z.enum(['astrid', 'ds9', 'prodigy', 'left-hand', 'right-hand']).catch('astrid'),
  bindings: z
    .record(z.string(), z.array(z.string().min(1).max(40)).max(6))
    .default({})
    .describe('keys of an action by its id, instead of those of the preset; none: it has no key'),
});
export type Keymap = z.infer<typeof Keymap>;

/** How the window looks. */
export const Appearance = z.looseObject({
  version: z.number().int().default(1),
  theme: z.enum(['dark', 'light', 'night']).optional().catch(undefined),
  scalePercent: z.number().int().min(80).max(200).catch(100).describe('size of everything but pixels'),
});
export type Appearance = z.infer<typeof Appearance>;

/** How one kind of image is shown at first. */
export const FirstDisplay = z.looseObject({
  limits: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('zscale') }),
    z.object({ kind: z.literal('minmax') }),
    z.object({ kind: z.literal('percentile'), percent: z.number().gt(0).max(100) }),
    z.object({ kind: z.literal('symmetric'), sigmas: z.number().gt(0) }),
  ]),
  stretch: z.string(),
  colormap: z.string(),
  invert: z.boolean().default(false),
});
export type FirstDisplay = z.infer<typeof FirstDisplay>;

/** How images are shown and what they may cost. */
export const ImageSettings = z.looseObject({
  version: z.number().int().default(1),
  displays: z.partialRecord(z.enum(IMAGE_KINDS), FirstDisplay).catch({}),
  gpuTilesMiB: z.number().int().min(128).max(1024).catch(256).describe('image tiles on the graphics card'),
  cutoutsMiB: z
    .number()
    .int()
    .min(32)
    .max(1024)
    .catch(128)
    .describe('cutouts kept in the memory of the window'),
  isBlinkUnlocked: z.boolean().catch(false).describe('blinking may be faster than three flashes a second'),
});
export type ImageSettings = z.infer<typeof ImageSettings>;

/** How the queue is listed. */
export const QueueSettings = z.looseObject({
  version: z.number().int().default(1),
  filters: z
    .array(z.object({ name: z.string().min(1).max(60), text: z.string().max(500) }))
    .max(100)
    .catch([]),
});
export type QueueSettings = z.infer<typeof QueueSettings>;

/** What of the pixels goes to the bucket, how fast, and how much of what it has lies here too. */
export const MirrorSettings = z.looseObject({
  version: z.number().int().default(1),
  differences: z
    .enum(['on-request', 'always', 'never'])
    .catch('on-request')
    .describe('images of fields that were processed here; triplets of candidates always go'),
  rawFiles: z
    .enum(['never', 'with-images'])
    .catch('never')
    .describe('files that a field was made of: never, or wherever its images go'),
  localMiB: z
    .number()
    .int()
    .min(0)
    .max(100_000_000)
    .catch(20_480)
    .describe('images that the bucket has and that lie here too; those not looked at for longest make room'),
  kibPerSecond: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .catch(undefined)
    .describe('most that goes to and from the bucket'),
});
export type MirrorSettings = z.infer<typeof MirrorSettings>;

/** What was on the screens when the window was closed; each screen writes its own part. */
export const Session = z.looseObject({
  version: z.number().int().default(1),
  hash: z.string().max(500).optional(),
  screens: z.record(z.string(), z.unknown()).default({}),
});
export type Session = z.infer<typeof Session>;

/** Settings of the workspace by their name. Fields that this version does not know are kept as they are. */
export const SETTINGS = {
  keymap: Keymap,
  appearance: Appearance,
  images: ImageSettings,
  queue: QueueSettings,
  mirror: MirrorSettings,
  session: Session,
} as const;
export const SettingName = z.enum(
  Object.keys(SETTINGS) as [keyof typeof SETTINGS, ...(keyof typeof SETTINGS)[]],
);
export type SettingName = z.infer<typeof SettingName>;

/** All settings, complete. */
export const Settings = z.object(SETTINGS);
export type Settings = z.infer<typeof Settings>;

export const settings = {
  getSettings: oc
    .route({ method: 'GET', path: '/settings', summary: 'All settings of the workspace', tags: ['api'] })
    .output(Settings),
  getSetting: oc
    .route({
      method: 'GET',
      path: '/settings/{name}',
      summary: 'One setting; its ETag may be sent as If-Match when it is changed',
      tags: ['api'],
    })
    .input(z.object({ name: SettingName }))
    .output(z.object({ name: SettingName, value: z.record(z.string(), z.unknown()) })),
  putSetting: oc
    .route({
      method: 'PUT',
      path: '/settings/{name}',
      summary: 'Change one setting; answered only once it is on disk',
      tags: ['api'],
    })
    .input(z.object({ name: SettingName, value: z.record(z.string(), z.unknown()) }))
    .output(z.object({ name: SettingName, savedAt: Instant })),
};
