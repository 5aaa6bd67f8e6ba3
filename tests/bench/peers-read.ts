/** Thread of peers-ours.ts: reads the image of each file it is told and answers with the time it took. */
import { parentPort } from 'node:worker_threads';
import { openFits } from '../../core/adapters/imaging/index.ts';

parentPort?.on('message', async (path: string) => {
  (globalThis as { gc?: () => void }).gc?.();
  const cpu = process.threadCpuUsage();
  const started = performance.now();
  const file = await openFits(path);
  await file.readImage();
  await file.close();
  const wallS = (performance.now() - started) / 1000;
  const used = process.threadCpuUsage(cpu);
  parentPort?.postMessage({ wallS, cpuS: (used.user + used.system) / 1e6 });
});
