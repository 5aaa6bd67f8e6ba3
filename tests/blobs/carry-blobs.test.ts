import { expect, it } from 'vitest';
import { makeTemporaryFolder } from '../support/temporary-workspace.ts';
import { carryBlobs } from './carry-blobs.ts';

it('blobs arrive once through a server that fails, sent by a workstation that is killed', async () => {
  const report = await carryBlobs({
    folder: makeTemporaryFolder(),
    objects: 60,
    bytes: 6e6,
    failShare: 0.1,
    kills: 2,
    tuning: { partBytes: 256 * 1024, silenceMs: 1000 },
  });
  expect(report).toMatchObject({
    killed: 2,
    written: 60,
    missing: [],
    wrong: [],
    strange: 0,
    unfinishedUploads: 0,
    toSend: 0,
    downloaded: 60,
  });
  expect(Object.values(report.failed).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(3);
}, 240_000);
