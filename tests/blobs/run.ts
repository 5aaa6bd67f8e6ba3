/**
 * `npm run test:blobs -- --objects 5000 --bytes 5e9`: everything is sent once through a server that fails, by a
 * workstation that is killed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { carryBlobs } from './carry-blobs.ts';

const { values } = parseArgs({
  options: {
    objects: { type: 'string', default: '5000' },
    bytes: { type: 'string', default: '5e9' },
    kills: { type: 'string', default: '10' },
    faults: { type: 'string', default: '0.05' },
    /** Most bytes a second. */
    limit: { type: 'string' },
    /** A connection on which nothing moves for so long is given up, ms. */
    silence: { type: 'string', default: '5000' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'astrid-blobs-'));
try {
  const report = await carryBlobs({
    folder,
    objects: Number(values.objects),
    bytes: Number(values.bytes),
    failShare: Number(values.faults),
    kills: Number(values.kills),
    tuning: { partBytes: 8 * 1024 * 1024, silenceMs: Number(values.silence) },
    bytesPerSecond: values.limit === undefined ? undefined : Number(values.limit),
    onProgress: (line) => console.log(line),
  });
  const { seconds, bytes, failed } = report;
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  console.log(
    `sent                ${values.objects} objects, ${(bytes / 1e9).toFixed(2)} GB in ${seconds.toFixed(1)} s`,
  );
  console.log(
    `                    ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, ${(Number(values.objects) / seconds).toFixed(0)} objects/s`,
  );
  console.log(`killed -9           ${report.killed} times`);
  console.log(
    `requests            ${report.requests}, of which failed ${failures}: ${Object.entries(failed)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}`,
  );
  console.log(`objects written     ${report.written}`);
  console.log(`missing, wrong      ${report.missing.length}, ${report.wrong.length}`);
  console.log(`strange objects     ${report.strange}`);
  console.log(`unfinished uploads  ${report.unfinishedUploads}`);
  console.log(`left to send        ${report.toSend}`);
  console.log(`most memory         ${report.senderRssMb} MB`);
  console.log(
    `fetched again       ${report.downloaded} objects in ${report.downloadSeconds.toFixed(1)} s, ${(bytes / 1e6 / report.downloadSeconds).toFixed(1)} MB/s, hashes true`,
  );
  const isRight =
    report.missing.length +
      report.wrong.length +
      report.strange +
      report.unfinishedUploads +
      report.toSend ===
      0 &&
    report.written === Number(values.objects) &&
    report.downloaded === Number(values.objects) &&
    report.killed === Number(values.kills);
  console.log(isRight ? 'all arrived once' : 'FAILED');
  process.exitCode = isRight ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
