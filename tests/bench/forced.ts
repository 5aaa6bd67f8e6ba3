/**
 * Measure forced photometry: `node tests/bench/forced.ts [--size 2048 --positions 10000 --repeat 9 --degree 2]`.
 *
 * Fits a PSF that varies over the field to the pixels at random positions, ten times to warm up, then `repeat` times,
 * and prints median processor and wall seconds. `--peers` runs sep's aperture sums at the same positions of the same image
 * between them, where Debian's Python has sep: a sum over a circle, which no PSF weighs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  DEFAULT_FORCED_FLUX_CONFIG,
  measurePsfFlux,
  type SpatialPsf,
} from '../../core/domains/differencing/index.ts';
import { makeMaskPlane, makePlane } from '../../core/kernels/index.ts';
import { createRandom } from '../../core/utils/index.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2048' },
    positions: { type: 'string', default: '10000' },
    repeat: { type: 'string', default: '9' },
    degree: { type: 'string', default: '2' },
    fwhm: { type: 'string', default: '3.2' },
    peers: { type: 'boolean', default: false },
  },
});
const sizePx = Number(values.size);
const degree = Number(values.degree);
const fwhmPx = Number(values.fwhm);
const repeat = Number(values.repeat);
const random = createRandom(1);

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

function makePsf(): SpatialPsf {
  const size = 2 * Math.ceil(4 * fwhmPx) + 1;
  const middle = (size - 1) / 2;
  const base = new Float32Array(size * size);
  let sum = 0;
  for (let k = 0; k < base.length; k++) {
    const r2 = ((k % size) - middle) ** 2 + (Math.floor(k / size) - middle) ** 2;
    base[k] = Math.exp((-0.5 * r2 * 2.3548 ** 2) / fwhmPx ** 2);
    sum += base[k]!;
  }
  const terms = ((degree + 1) * (degree + 2)) / 2;
  return {
    size,
    degree,
    imageWidth: sizePx,
    imageHeight: sizePx,
    coefficients: Array.from({ length: terms }, (_, k) => base.map((v) => (k === 0 ? v / sum : 0))),
    fwhmPx,
    starsUsed: 1,
    heldOutChi2: 1,
    mismatch: 0,
    method: 'pixels',
  };
}

const science = makePlane(sizePx, sizePx);
const variance = makePlane(sizePx, sizePx);
for (let k = 0; k < science.data.length; k++) science.data[k] = 30 * random.normal();
variance.data.fill(900);
const image = { science, variance, mask: makeMaskPlane(sizePx, sizePx) };
const psf = makePsf();
const positions = Array.from({ length: Number(values.positions) }, () => ({
  xPx: random.uniform() * (sizePx - 1),
  yPx: random.uniform() * (sizePx - 1),
}));
/** Passes that let the engine compile what runs often, as a peer in C is from the start. */
const WARM_UP = 10;
const cpu: number[] = [];
const wall: number[] = [];
for (let pass = -WARM_UP; pass < repeat; pass++) {
  const started = performance.now();
  const before = process.cpuUsage();
  measurePsfFlux(image, psf, positions, DEFAULT_FORCED_FLUX_CONFIG);
  const used = process.cpuUsage(before);
  if (pass < 0) continue;
  cpu.push((used.user + used.system) / 1e6);
  wall.push((performance.now() - started) / 1000);
}
console.log(
  `${positions.length} positions on ${sizePx} x ${sizePx} px, PSF of ${fwhmPx} px and degree ${degree}; ` +
    `${cpus()[0]?.model.trim()}, Node ${process.versions.node}; medians of ${repeat}\n`,
);
console.log('                                  CPU s   wall s');
const line = (name: string, cpuS: number, wallS: number): void =>
  console.log(`${name.padEnd(32)} ${cpuS.toFixed(4)}   ${wallS.toFixed(4)}`);
line('PSF flux, error, chi2, masked', median(cpu), median(wall));

if (values.peers) {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-forced-'));
  try {
    writeFileSync(join(folder, 'image.f32'), science.data);
    writeFileSync(
      join(folder, 'places.f64'),
      Float64Array.from(positions.flatMap(({ xPx, yPx }) => [xPx, yPx])),
    );
    const script = `
import json, statistics, sys, time
import numpy, sep
image = numpy.fromfile(sys.argv[1] + '/image.f32', dtype='f4').reshape(${sizePx}, ${sizePx})
mask = numpy.zeros(image.shape, dtype=bool)
places = numpy.fromfile(sys.argv[1] + '/places.f64', dtype='f8').reshape(-1, 2)
x, y = numpy.ascontiguousarray(places[:, 0]), numpy.ascontiguousarray(places[:, 1])
rows = {}
for name, options in (('exact', dict(subpix=0)), ('5 subpixels', dict(subpix=5))):
    cpu, wall = [], []
    for k in range(${repeat + 1}):
        c, t = time.process_time(), time.perf_counter()
        sep.sum_circle(image, x, y, ${1.5 * fwhmPx}, err=30.0, mask=mask, **options)
        cpu.append(time.process_time() - c); wall.append(time.perf_counter() - t)
    rows[name] = (statistics.median(cpu[1:]), statistics.median(wall[1:]))
print(json.dumps({'version': sep.__version__, 'rows': rows}))
`;
    const { stdout, status } = spawnSync('/usr/bin/python3', ['-c', script, folder], { encoding: 'utf8' });
    if (status === 0) {
      const peer = JSON.parse(stdout) as { version: string; rows: Record<string, [number, number]> };
      for (const [name, [cpuS, wallS]] of Object.entries(peer.rows)) {
        line(`sep ${peer.version} sum_circle, ${name}`, cpuS, wallS);
        console.log(`${'  ours / sep'.padEnd(32)} ${(median(cpu) / cpuS).toFixed(2)}`);
      }
    } else console.log('sep is not installed for /usr/bin/python3: no peer was run');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
