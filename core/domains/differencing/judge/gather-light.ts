import type { Scratch } from '../../../kernels/index.ts';
import { UNUSABLE } from '../../observations/index.ts';
import { firstNotBelow } from '../tiles/finish-tile.ts';
import type { DifferenceCanvas, SparseLight } from '../tiles/subtracted-tile.ts';
import type { Rows } from './cut-rows.ts';

/** Where constant and rebuilt stars are: x, y and radius of each, px, in memory that threads share. */
export interface StarPlaces {
  readonly cores: Float64Array;
  readonly rebuilt: Float64Array;
}

/** Score of some pixels and the light that was subtracted there, both in sigma. */
export interface ScoredLight {
  readonly scores: Float32Array;
  readonly light: Float32Array;
}

/** Pixels evenly spread over the unmasked part of some rows. */
export interface SampledPixels {
  /** Scores where neither image has light. */
  readonly dark: Float32Array;
  /** Others: score, shared light, light of wings, and 1 around rebuilt stars, one after the other. */
  readonly lit: Float32Array;
}

/** What some rows tell of a subtraction. */
export interface LightOfRows {
  /** Light that both images share, around constant and around rebuilt stars. */
  readonly cores: ScoredLight;
  readonly rebuilt: ScoredLight;
  /** Light of bright stars' wings, around rebuilt stars and elsewhere. */
  readonly wingsOfRebuilt: ScoredLight;
  readonly wingsOfOthers: ScoredLight;
  readonly sampled: SampledPixels;
}

/** Light of fewer sigma does not tell a model error from noise. */
const BRIGHT_SHARED = 30;
const BRIGHT_WINGS = 8;
/** Pixels that tell how the score of the sky scatters: of more each counts less than its share. */
const SAMPLED = 250_000;

/** Gather what tells how much light a subtraction left in some rows. */
export function gatherLight(
  canvas: DifferenceCanvas,
  wings: readonly SparseLight[],
  places: StarPlaces,
  rows: Rows,
  scratch: Scratch,
): LightOfRows {
  const { width } = canvas.score;
  const [start, end] = [rows.first * width, rows.end * width];
  const [scores, shared, bits] = [canvas.score.data, canvas.shared.data, canvas.mask.data];
  const wing = layWings(wings, rows, width, scratch);
  const cores = listLight();
  const seen = scratch.zeroBytes((rows.end - rows.first) * width);
  markPlaces(seen, canvas, places.cores, rows, (k) => {
    if (shared[k] >= BRIGHT_SHARED) cores.add(scores[k], shared[k]);
  });
  const rebuilt = listLight();
  const isRebuilt = scratch.zeroBytes((rows.end - rows.first) * width);
  markPlaces(isRebuilt, canvas, places.rebuilt, rows, (k) => {
    if (shared[k] >= BRIGHT_SHARED) rebuilt.add(scores[k], shared[k]);
  });
  const [wingsOfRebuilt, wingsOfOthers] = [listLight(), listLight()];
  for (const { pixels, values } of wings) {
    for (let i = firstNotBelow(pixels, start); i < pixels.length && pixels[i] < end; i++) {
      const k = pixels[i];
      if (values[i] < BRIGHT_WINGS || (bits[k] & UNUSABLE) !== 0) continue;
      const list = isRebuilt[k - start] === 0 ? wingsOfOthers : wingsOfRebuilt;
      list.add(scores[k], values[i]);
    }
  }
  return {
    cores: cores.take(),
    rebuilt: rebuilt.take(),
    wingsOfRebuilt: wingsOfRebuilt.take(),
    wingsOfOthers: wingsOfOthers.take(),
    sampled: sample(canvas, wing, isRebuilt, rows),
  };
}

/** Lay the wings that lie in some rows out over their pixels. */
export function layWings(
  wings: readonly SparseLight[],
  rows: Rows,
  width: number,
  scratch: Scratch,
): Float32Array {
  const [start, end] = [rows.first * width, rows.end * width];
  const laid = scratch.zeroFloats(end - start);
  for (const { pixels, values } of wings) {
    for (let i = firstNotBelow(pixels, start); i < pixels.length && pixels[i] < end; i++) {
      laid[pixels[i] - start] = values[i];
    }
  }
  return laid;
}

/**
 * Mark the unmasked pixels near any of some places in some rows.
 *
 * @param marks one for each pixel of the rows, 0 where there is none yet.
 * @param visit is called once for each pixel that is marked.
 */
export function markPlaces(
  marks: Uint8Array,
  { score: { width }, mask }: DifferenceCanvas,
  places: Float64Array,
  rows: Rows,
  visit: (pixel: number) => void = () => undefined,
): void {
  const start = rows.first * width;
  for (let i = 0; i < places.length; i += 3) {
    const [x, y, radiusPx] = [places[i], places[i + 1], places[i + 2]];
    const top = Math.min(rows.end - 1, y + radiusPx);
    for (let v = Math.max(rows.first, Math.ceil(y - radiusPx)); v <= top; v++) {
      for (let u = Math.max(0, Math.ceil(x - radiusPx)); u <= Math.min(width - 1, x + radiusPx); u++) {
        if ((u - x) ** 2 + (v - y) ** 2 > radiusPx * radiusPx) continue;
        const k = v * width + u;
        if (marks[k - start] !== 0 || (mask.data[k] & UNUSABLE) !== 0) continue;
        marks[k - start] = 1;
        visit(k);
      }
    }
  }
}

function listLight() {
  const scores: number[] = [];
  const light: number[] = [];
  return {
    // A score beyond the light itself is a change, no error of it.
    add: (score: number, itsLight: number) => {
      if (Math.abs(score) > itsLight) return;
      scores.push(score);
      light.push(itsLight);
    },
    take: (): ScoredLight => ({ scores: new Float32Array(scores), light: new Float32Array(light) }),
  };
}

function sample(
  { score: { width, data: scores }, shared, mask }: DifferenceCanvas,
  wing: Float32Array,
  isRebuilt: Uint8Array,
  rows: Rows,
): SampledPixels {
  const [start, end] = [rows.first * width, rows.end * width];
  // An odd step does not walk down the columns of an image of usual width.
  const step = Math.max(1, Math.floor(scores.length / SAMPLED)) | 1;
  const most = Math.ceil((end - start) / step);
  const [dark, lit] = [new Float32Array(most), new Float32Array(4 * most)];
  let [darkCount, litCount] = [0, 0];
  for (let k = Math.ceil(start / step) * step; k < end; k += step) {
    if ((mask.data[k] & UNUSABLE) !== 0) continue;
    const light = shared.data[k];
    const itsWing = wing[k - start];
    if (light === 0 && itsWing === 0) dark[darkCount++] = scores[k];
    else {
      lit[litCount++] = scores[k];
      lit[litCount++] = light;
      lit[litCount++] = itsWing;
      lit[litCount++] = isRebuilt[k - start];
    }
  }
  return { dark: dark.slice(0, darkCount), lit: lit.slice(0, litCount) };
}
