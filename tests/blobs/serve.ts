/**
 * The stand-in for S3 as a process of its own: it tells where it is, and what it was asked whenever it is sent a message.
 */

import { startS3StandIn } from '../services/s3-stand-in.ts';
import { makeRandom } from '../sync/make-random.ts';
import type { ServerSetup } from './model.ts';

const setup = JSON.parse(process.argv[2]!) as ServerSetup;
const server = await startS3StandIn({
  folder: setup.folder,
  bucket: 'sky',
  accessKeyId: 'key',
  random: makeRandom(setup.seed),
  slowMs: setup.slowMs,
  minPartBytes: setup.minPartBytes,
});
server.failShare = setup.failShare;
const tell = (): void => void process.send!({ endpoint: server.endpoint, ...server.told });
process.on('message', (share: number) => {
  server.failShare = share;
  tell();
});
process.on('disconnect', () => process.exit());
tell();
