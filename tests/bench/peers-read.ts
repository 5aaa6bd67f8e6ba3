/** Thread of peers-ours.ts: reads the image of each file it is told and answers with the time it took. */
import { parentPort } from 'node:worker_threads';
import { openFits } from '../../core/adapters/imaging/index.ts';
import { giveBackPlanes, type Plane } from '../../core/kernels/index.ts';

let last: Plane | undefined;

parentPort?.on('message', async (path: string) => {
  (globalThis as { gc?: () => void }).gc?.();
  // Who has no more use for an image gives its plane back.
  if (last) giveBackPlanes([last]);
  const cpu = process.threadCpuUsage();
  const started = performance.now();
  const file = await openFits(path);
  last = (await file.readImage()).plane;
  await file.close();
  const wallS = (performance.now() - started) / 1000;
  const used = process.threadCpuUsage(cpu);
  parentPort?.postMessage({ wallS, cpuS: (used.user + used.system) / 1e6 });
});
