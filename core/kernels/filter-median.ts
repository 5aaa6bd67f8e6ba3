import { allocate, withArena } from './arena.ts';
import { kernelModule } from './load-module.ts';
import type { Plane } from './plane.ts';
import { makePlane } from './plane.ts';
import type { Band } from './run-bands.ts';
import { runBands } from './run-bands.ts';
import type { SelectionNetwork } from './selection-network.ts';
import { buildMedianNetwork } from './selection-network.ts';

/** Pixels of a strip (as in assembly/median.ts), and what shifted reads need beyond it. */
const STRIP = 64;
const OVERHANG = 8;

/**
 * Replace each pixel by the exact median of the size x size pixels around it.
 *
 * The outermost size >> 1 rows and columns are copied unchanged, as astroscrappy does. NaN pixels are left out of
 * each window (the mean of the middle two when an even number is left; NaN if none is); windows that touch one cost
 * twenty to eighty times more. Infinities are ordinary values.
 *
 * @throws RangeError for another size.
 */
export function medianFilter(
  plane: Plane,
  size: 3 | 5 | 7,
  out: Plane = makePlane(plane.width, plane.height),
): Plane {
  const radius = size >> 1;
  withArena(() => {
    const select = size === 3 ? prepareThree(plane.width) : prepareNetwork(size);
    runBands(plane, out, radius, radius, 'nearest', (band) => {
      select(band);
      repair(band, band.from, band.stride, band.to, band.rows, size, size);
    });
  });
  copyBorder(plane, out, radius);
  return out;
}

/**
 * Replace each pixel by the median of `size` row medians: along rows first, then along columns of the result.
 *
 * Much cheaper than the full window and nearly as robust. The outermost size >> 1 rows and columns are copied
 * unchanged, as astroscrappy does. NaN as `medianFilter`, in each direction.
 *
 * @throws RangeError for another size.
 */
export function separableMedianFilter(
  plane: Plane,
  size: 5 | 7 | 9,
  out: Plane = makePlane(plane.width, plane.height),
): Plane {
  if (size !== 5 && size !== 7 && size !== 9) throw new RangeError(`No separable median of size ${size}.`);
  const radius = size >> 1;
  withArena(() => {
    let middle = 0;
    let reserved = 0;
    runBands(plane, out, radius, radius, 'nearest', (band) => {
      const { from, stride, to, pitch, width, rows } = band;
      const module = kernelModule();
      const tall = rows + 2 * radius;
      // The first band is the tallest.
      if (reserved < tall) {
        middle = allocate(pitch * tall);
        reserved = tall;
      }
      module.medianLineBand(from, stride, middle, pitch, width, tall, size, 4);
      repair(band, from, stride, middle, tall, size, 1);
      module.medianLineBand(middle, pitch, to, pitch, width, rows, size, pitch);
      repair(band, middle, pitch, to, rows, 1, size);
    });
  });
  copyBorder(plane, out, radius);
  return out;
}

function prepareThree(width: number): (band: Band) => void {
  const scratch = allocate((width + 8) * 4 * 3);
  return ({ from, stride, to, pitch, width, rows }) => {
    kernelModule().medianBand3(from, stride, to, pitch, width, rows, scratch);
  };
}

const networks = new Map<number, SelectionNetwork>();

function prepareNetwork(size: 5 | 7): (band: Band) => void {
  if (size !== 5 && size !== 7) throw new RangeError(`No median filter of size ${size}.`);
  const network = networks.get(size) ?? buildMedianNetwork(size);
  networks.set(size, network);
  const registerBytes = (STRIP + OVERHANG) * 4;
  const scratch = allocate(network.registers * registerBytes);
  const program = allocate(network.steps.length * 16);
  const words = new Int32Array(kernelModule().memory.buffer, program, network.steps.length * 4);
  network.steps.forEach((step, i) => {
    words[4 * i] = step.a.register * registerBytes + step.a.shift * 4;
    words[4 * i + 1] = step.b.register * registerBytes + step.b.shift * 4;
    words[4 * i + 2] = step.minTo === undefined ? -1 : step.minTo * registerBytes;
    words[4 * i + 3] = step.maxTo === undefined ? -1 : step.maxTo * registerBytes;
  });
  return ({ from, stride, to, pitch, width, rows }) => {
    kernelModule().medianBandNetwork(
      from,
      stride,
      to,
      pitch,
      width,
      rows,
      size,
      program,
      network.steps.length,
      scratch,
      registerBytes,
      network.result * registerBytes,
    );
  };
}

/** Mend the windows that touch a NaN; the vector code knows only numbers. */
function repair(
  band: Band,
  from: number,
  stride: number,
  to: number,
  rows: number,
  sizeX: number,
  sizeY: number,
): void {
  const module = kernelModule();
  const columns = band.width + sizeX - 1;
  if (module.hasNaN(from, stride, columns, rows + sizeY - 1) === 0) return;
  withArena(() => {
    const scratch = allocate(columns + 32 + sizeX * sizeY * 4);
    module.repairMedians(from, stride, to, band.pitch, band.width, rows, sizeX, sizeY, scratch);
  });
}

function copyBorder(plane: Plane, out: Plane, radius: number): void {
  const { width, height } = plane;
  const edge = Math.min(radius, height);
  const from = plane.data;
  const to = out.data;
  to.set(from.subarray(0, edge * width));
  to.set(from.subarray((height - edge) * width), (height - edge) * width);
  for (let y = edge; y < height - edge; y++) {
    for (let x = 0; x < width; x++) {
      if (x === radius) x = Math.max(radius, width - radius);
      if (x < width) to[y * width + x] = from[y * width + x]!;
    }
  }
}
