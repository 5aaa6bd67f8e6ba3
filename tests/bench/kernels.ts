/**
 * Measure the kernels: `node tests/bench/kernels.ts [--size 2048] [--repeat 9] [--peers]`.
 *
 * Prints medians of warm runs on one thread, in ms: the kernel on shared planes (copies in and out included), the same
 * in plain TypeScript, and the ratio. With --peers also SciPy, pyFFTW and astroscrappy, where a Python on this machine
 * has them, with the ratio ours / theirs. Ratios are of processor time, which a busy machine distorts least; `wall` is
 * what a clock on the wall says.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  convolve,
  convolveSeparable,
  decodeBigEndianFloat32,
  decodeBigEndianInt16,
  irfft2,
  kernelMemoryBytes,
  laplacianPositive,
  madStandardDeviation,
  makeMaskPlane,
  makePlane,
  makeSpectrum,
  medianFilter,
  multiplySpectra,
  type Plane,
  resampleLanczos3,
  rfft2,
  selectMedian,
  separableMedianFilter,
  sigmaClippedStatistics,
  withArena,
} from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/random.ts';
import {
  plainClip,
  plainConvolve,
  plainConvolveSeparable,
  plainDecode,
  plainLaplacian,
  plainMedian,
  plainMultiply,
  plainSelectMedian,
  plainShift,
  plainTransform,
} from './plain-kernels.ts';

const { values: options } = parseArgs({
  options: {
    size: { type: 'string', default: '2048' },
    repeat: { type: 'string', default: '9' },
    only: { type: 'string', default: '' },
    peers: { type: 'boolean', default: false },
  },
});
const size = Number(options.size);
const repeat = Number(options.repeat);

function noise(width: number, height: number, seed: number): Plane {
  const random = createRandom(seed);
  const plane = makePlane(width, height);
  for (let i = 0; i < plane.data.length; i++) plane.data[i] = 1000 + 30 * random.normal();
  return plane;
}

interface Timing {
  readonly wall: number;
  readonly cpu: number;
}

function measure(work: () => void, runs: number): Timing {
  const wall: number[] = [];
  const cpu: number[] = [];
  work();
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    const before = process.threadCpuUsage();
    work();
    const used = process.threadCpuUsage(before);
    wall.push(performance.now() - start);
    cpu.push((used.user + used.system) / 1000);
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[runs >> 1]!;
  return { wall: median(wall), cpu: median(cpu) };
}

const plane = noise(size, size, 1);
const variance = noise(size, size, 2);
const mask = makeMaskPlane(size, size);
const [out, middle] = [makePlane(size, size), makePlane(size, size)];
const spectrum = rfft2(plane);
const product = makeSpectrum(size, size);
const [k5, k15] = [noise(5, 5, 3), noise(15, 15, 4)];
const taps = noise(15, 1, 5).data;
// As a file is read: not shared.
const bytes = new Uint8Array(Float32Array.from(plane.data).buffer);
const shorts = bytes.subarray(0, size * size * 2);
const step = 16;
const nodes = Math.ceil((size - 1) / step) + 1;
const mesh = {
  stepPx: step,
  columns: nodes,
  rows: nodes,
  x: Float64Array.from({ length: nodes * nodes }, (_, i) => 1.0005 * step * (i % nodes) + 0.3),
  y: Float64Array.from({ length: nodes * nodes }, (_, i) => 0.9995 * step * Math.floor(i / nodes) + 0.4),
};
const meshes64 = Array.from({ length: Math.floor(size / 64) ** 2 }, (_, i) =>
  plane.data.subarray(i * 4096, (i + 1) * 4096),
);
const powerOfTwo = (size & (size - 1)) === 0;

interface Case {
  readonly name: string;
  readonly ours: () => void;
  readonly plain?: (() => void) | undefined;
}

const cases: readonly Case[] = [
  {
    name: 'rfft2',
    ours: () => rfft2(plane, product),
    plain: powerOfTwo ? () => plainTransform(plane) : undefined,
  },
  { name: 'irfft2', ours: () => irfft2(spectrum, out) },
  {
    name: 'multiplySpectra',
    ours: () => multiplySpectra(spectrum, spectrum, product),
    plain: () => plainMultiply(spectrum.data, spectrum.data, product.data),
  },
  { name: 'convolve 5x5', ours: () => convolve(plane, k5, out), plain: () => plainConvolve(plane, k5, out) },
  {
    name: 'convolve 15x15',
    ours: () => convolve(plane, k15, out),
    plain: () => plainConvolve(plane, k15, out),
  },
  {
    name: 'convolveSeparable 15',
    ours: () => convolveSeparable(plane, taps, taps, out),
    plain: () => plainConvolveSeparable(plane, taps, middle, out),
  },
  ...([3, 5, 7] as const).map((k) => ({
    name: `medianFilter ${k}`,
    ours: () => medianFilter(plane, k, out),
    plain: () => plainMedian(plane, k, k, out),
  })),
  ...([5, 7, 9] as const).map((k) => ({
    name: `separableMedian ${k}`,
    ours: () => separableMedianFilter(plane, k, out),
    plain: () => {
      plainMedian(plane, k, 1, middle);
      plainMedian(middle, 1, k, out);
    },
  })),
  {
    name: 'laplacianPositive',
    ours: () => laplacianPositive(plane, out),
    plain: () => plainLaplacian(plane, out),
  },
  {
    name: 'resampleLanczos3',
    ours: () => resampleLanczos3({ plane, variance, mask }, mesh, size, size, { noDataBit: 1, edgeBit: 2 }),
    plain: () => plainShift(plane, variance, 0.3, out, middle),
  },
  { name: 'selectMedian', ours: () => selectMedian(plane.data), plain: () => plainSelectMedian(plane.data) },
  { name: 'madStandardDeviation', ours: () => madStandardDeviation(plane.data) },
  {
    name: 'sigma clip, 64 px meshes',
    ours: () => {
      for (const mesh64 of meshes64) sigmaClippedStatistics(mesh64);
    },
    plain: () => {
      for (const mesh64 of meshes64) plainClip(mesh64);
    },
  },
  {
    name: 'decode float32',
    ours: () => decodeBigEndianFloat32(bytes, out.data),
    plain: () => plainDecode(bytes, out.data, 'float32'),
  },
  {
    name: 'decode uint16',
    ours: () => decodeBigEndianInt16(shorts, out.data, { bzero: 32768 }),
    plain: () => plainDecode(shorts, out.data, 'int16'),
  },
];

interface Peer extends Timing {
  readonly name: string;
}

const peers = options.peers ? measurePeers() : new Map<string, Peer>();

const cell = (value: string, width = 10): string => value.padStart(width);
const number = (ms: number | undefined): string => (ms === undefined ? '' : ms.toFixed(ms < 10 ? 2 : 1));
console.log(
  `${cpus()[0]?.model ?? 'unknown CPU'}, node ${process.version}, ${size} x ${size}, one thread, median of ${repeat}, ms`,
);
const titles = [
  'wall',
  'cpu',
  'plain cpu',
  'plain/ours',
  ...(options.peers ? ['peer cpu', 'ours/peer'] : []),
];
console.log('kernel'.padEnd(26) + titles.map((title) => cell(title, 11)).join(''));
for (const { name, ours, plain } of cases) {
  if (!name.includes(options.only)) continue;
  const mine = measure(ours, repeat);
  // The slow ones need no more than three runs to be told apart by factors.
  const theirs = plain && measure(plain, Math.min(repeat, 3));
  const peer = peers.get(name);
  const columns = [
    number(mine.wall),
    number(mine.cpu),
    number(theirs?.cpu),
    theirs ? (theirs.cpu / mine.cpu).toFixed(1) : '',
    ...(peer ? [number(peer.cpu), (mine.cpu / peer.cpu).toFixed(2)] : []),
  ];
  console.log(
    name.padEnd(26) + columns.map((column) => cell(column, 11)).join('') + (peer ? `  ${peer.name}` : ''),
  );
}
const inArena = withArena((arena) => {
  const [held, into] = [arena.hold(plane), arena.spectrum(size, size)];
  return [measure(() => rfft2(held, into), repeat), measure(() => irfft2(into, held), repeat)] as const;
});
console.log(`in the arena: rfft2 ${number(inArena[0].cpu)} ms, irfft2 ${number(inArena[1].cpu)} ms (cpu)`);
console.log(`kernel memory at the end: ${(kernelMemoryBytes() / 2 ** 20).toFixed(1)} MiB`);

/** The fastest peer of each kernel, over the Pythons of this machine. */
function measurePeers(): Map<string, Peer> {
  const best = new Map<string, Peer>();
  const script = fileURLToPath(new URL('kernels-peers.py', import.meta.url));
  for (const python of new Set(['python3', '/usr/bin/python3'])) {
    const { status, stdout } = spawnSync(python, [script, String(size), String(repeat)], {
      encoding: 'utf8',
    });
    if (status !== 0) continue;
    for (const [kernel, name, wall, cpu] of JSON.parse(stdout) as [string, string, number, number][]) {
      const known = best.get(kernel);
      if (known === undefined || cpu < known.cpu) best.set(kernel, { name, wall, cpu });
    }
  }
  return best;
}
