import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import type { Resources } from '../api/contract/index.ts';

const run = promisify(execFile);

/** A share measured over less than this says nothing, ms. */
const SHORTEST_MS = 400;

/** How long what a graphics card said is taken for its present state, ms. */
const GPU_FRESH_MS = 2000;

/**
 * Make what measures how busy the machine is.
 *
 * The share of the processor is the mean since it was last asked.
 */
export function createResourceMeter(workspaceDir: string): () => Promise<Resources> {
  let since = { atMs: performance.now(), usage: process.cpuUsage() };
  let cpuPercent = 0;
  let gpus: { readonly atMs: number; readonly cards: Promise<Resources['gpus']> } | undefined;
  return async () => {
    const cores = availableParallelism();
    const atMs = performance.now();
    if (atMs - since.atMs >= SHORTEST_MS) {
      const { user, system } = process.cpuUsage(since.usage);
      cpuPercent = Math.min(100, (user + system) / 10 / (atMs - since.atMs) / cores);
      since = { atMs, usage: process.cpuUsage() };
    }
    if (gpus === undefined || atMs - gpus.atMs > GPU_FRESH_MS) gpus = { atMs, cards: readGpus() };
    const { bavail, blocks, bsize } = await statfs(workspaceDir);
    return {
      at: new Date().toISOString(),
      cores,
      cpuPercent,
      load1: loadavg()[0]!,
      programBytes: process.memoryUsage.rss(),
      freeBytes: freemem(),
      totalBytes: totalmem(),
      diskFreeBytes: bavail * bsize,
      diskTotalBytes: blocks * bsize,
      gpus: await gpus.cards,
    };
  };
}

/** Ask the graphics cards that can be asked without a library: NVIDIA's by its tool, others by Linux itself. */
async function readGpus(): Promise<Resources['gpus']> {
  if (process.platform === 'linux' && !existsSync('/dev/nvidiactl')) return readLinuxGpus('/sys/class/drm');
  try {
    const query = '--query-gpu=name,utilization.gpu,memory.used,memory.total';
    const { stdout } = await run('nvidia-smi', [query, '--format=csv,noheader,nounits'], { timeout: 3000 });
    return parseNvidia(stdout);
  } catch {
    return [];
  }
}

/** Read what `nvidia-smi` prints of its cards: percent, and memory in MiB. */
export function parseNvidia(text: string): Resources['gpus'] {
  const bytes = (field: string | undefined): number | undefined =>
    field !== undefined && /^\d+$/.test(field) ? Number(field) * 2 ** 20 : undefined;
  return text
    .trim()
    .split('\n')
    .filter((line) => line.includes(','))
    .map((line) => {
      const [name = 'NVIDIA', percent = '', used, total] = line.split(',').map((field) => field.trim());
      return {
        name,
        percent: /^\d+$/.test(percent) ? Number(percent) : undefined,
        usedBytes: bytes(used),
        totalBytes: bytes(total),
      };
    });
}

function readLinuxGpus(folder: string): Resources['gpus'] {
  let cards: string[];
  try {
    cards = readdirSync(folder).filter((name) => /^card\d+$/.test(name));
  } catch {
    return [];
  }
  return cards.flatMap((card) => {
    const read = (file: string): number | undefined => {
      try {
        return Number(readFileSync(`${folder}/${card}/device/${file}`, 'utf8'));
      } catch {
        return undefined;
      }
    };
    const totalBytes = read('mem_info_vram_total');
    // A card that tells nothing of itself is a screen's, or Intel's: there is nothing to show of it.
    if (totalBytes === undefined) return [];
    return [
      { name: card, percent: read('gpu_busy_percent'), usedBytes: read('mem_info_vram_used'), totalBytes },
    ];
  });
}
