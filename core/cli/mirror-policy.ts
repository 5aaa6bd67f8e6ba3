import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AstridError } from '../utils/index.ts';
import { type Console, formatTable } from './console.ts';
import { saveBlob } from './save-blob.ts';
import { withApp } from './with-app.ts';

interface PolicyOptions {
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid sync policy`: what of the pixels goes to the bucket. @throws sync/bad-policy */
export async function runSyncPolicy(
  options: PolicyOptions & { readonly images?: string; readonly raw?: string },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync }) => {
    const { images, raw } = options;
    const policy = await sync.pixels.changePolicy({
      ...(images === undefined ? {} : { differences: images }),
      ...(raw === undefined ? {} : { rawFiles: raw }),
    });
    if (options.json) {
      out.print(JSON.stringify({ ...policy, version: 1 }));
      return;
    }
    out.print(
      formatTable(
        ['triplets', 'images', 'raw files', 'here at most, GiB', 'KiB/s'],
        [
          [
            'always',
            policy.differences,
            policy.rawFiles,
            (policy.localMiB / 1024).toFixed(1),
            String(policy.kibPerSecond ?? 'no limit'),
          ],
        ],
      ),
    );
  });
}

/** Run `astrid sync raw`: fetch the files that a run was made of. @throws sync/no-raw-files, storage/elsewhere and as `saveBlob` */
export async function runSyncRaw(
  runId: string,
  options: PolicyOptions & { readonly out: string },
  out: Console,
): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async ({ sync: { pixels } }, signal) => {
    const files = await pixels.listRaw(runId);
    if (files.length === 0)
      throw new AstridError(
        'sync/no-raw-files',
        `Run ${runId} has no raw files in the bucket: its workstation sends none, or has not sent them yet.`,
        { runId },
      );
    await mkdir(options.out, { recursive: true });
    const saved: string[] = [];
    for (const { name, ...blob } of files) {
      const path = join(options.out, name);
      await saveBlob(pixels.blobs, blob, path, signal);
      saved.push(path);
      out.say(path);
    }
    if (options.json) out.print(JSON.stringify({ version: 1, run: runId, saved }));
  });
}
