// Values for pixels that have none, from good pixels around them.

const SCIENCE: u8 = 1;
const TEMPLATE: u8 = 2;
const BOTH: u8 = 3;
const NOTHING: u8 = 4;

// What the good neighbours of a pixel say: of each image its mean and variance, and the mean difference.
let meanScience: f64 = 0;
let meanTemplate: f64 = 0;
let meanDifference: f64 = 0;
let varianceOfScience: f64 = 0;
let varianceOfTemplate: f64 = 0;

/**
 * Give `count` pixels of two images and of their variances a value, in place.
 *
 * `states` says of each what it lacks: bits 1 the science image, 2 the template, 4 any sky. `bad` has a byte for each
 * pixel, all zero. `starsOfScience` and `starsOfTemplate` are planes of light, or 0. Neighbours are `rings` lists one after
 * the other, that end at `ends`: offsets (i32 x, i32 y, f64 weight) of 16 bytes each, none farther than `radius`.
 */
export function fillPixels(
  science: usize,
  template: usize,
  scienceVariance: usize,
  templateVariance: usize,
  starsOfScience: usize,
  starsOfTemplate: usize,
  width: i32,
  height: i32,
  pixels: usize,
  states: usize,
  count: i32,
  bad: usize,
  neighbours: usize,
  ends: usize,
  rings: i32,
  radius: i32,
  enough: i32,
  skyOfScience: f64,
  skyOfTemplate: f64,
): void {
  for (let i: i32 = 0; i < count; i++) {
    const k: usize = <usize>load<i32>(pixels + (<usize>i << 2));
    const state = load<u8>(states + <usize>i);
    if (state != NOTHING) {
      store<u8>(bad + k, state);
      continue;
    }
    store<u8>(bad + k, BOTH);
    store<f32>(science + (k << 2), 0);
    store<f32>(template + (k << 2), 0);
    store<f32>(scienceVariance + (k << 2), <f32>skyOfScience);
    store<f32>(templateVariance + (k << 2), <f32>skyOfTemplate);
  }
  // Only good pixels are looked at, so that it does not matter in which order bad ones are filled.
  for (let i: i32 = 0; i < count; i++) {
    const state = load<u8>(states + <usize>i);
    if (state == 0 || state == NOTHING) continue;
    const k = load<i32>(pixels + (<usize>i << 2));
    const at: usize = <usize>k << 2;
    lookAround(
      science, template, scienceVariance, templateVariance, starsOfScience, starsOfTemplate, width, height, k, bad,
      neighbours, ends, rings, radius, enough, skyOfScience, skyOfTemplate,
    );
    const ofScience: f64 = starsOfScience ? <f64>load<f32>(starsOfScience + at) : 0;
    const ofTemplate: f64 = starsOfTemplate ? <f64>load<f32>(starsOfTemplate + at) : 0;
    if (state == SCIENCE) {
      const value: f64 = ofScience + <f64>load<f32>(template + at) - ofTemplate + meanDifference;
      fill(science + at, scienceVariance + at, value, varianceOfScience);
    } else if (state == TEMPLATE) {
      const value: f64 = ofTemplate + <f64>load<f32>(science + at) - ofScience - meanDifference;
      fill(template + at, templateVariance + at, value, varianceOfTemplate);
    } else {
      fill(science + at, scienceVariance + at, ofScience + meanScience, varianceOfScience);
      fill(template + at, templateVariance + at, ofTemplate + meanTemplate, varianceOfTemplate);
    }
  }
}

/** A filled value may be wrong by a tenth of its light. */
// @ts-ignore: decorator
@inline
function fill(at: usize, variance: usize, value: f64, ofNeighbours: f64): void {
  store<f32>(at, <f32>value);
  const error: f64 = 0.1 * <f64>load<f32>(at);
  store<f32>(variance, <f32>(ofNeighbours + error * error));
}

/** Mean of the good neighbours, ring by ring outwards until enough were seen. */
function lookAround(
  science: usize,
  template: usize,
  scienceVariance: usize,
  templateVariance: usize,
  starsOfScience: usize,
  starsOfTemplate: usize,
  width: i32,
  height: i32,
  pixel: i32,
  bad: usize,
  neighbours: usize,
  ends: usize,
  rings: i32,
  radius: i32,
  enough: i32,
  skyOfScience: f64,
  skyOfTemplate: f64,
): void {
  const x = pixel % width;
  const y = pixel / width;
  const isInside = x >= radius && y >= radius && x < width - radius && y < height - radius;
  let n: f64 = 0;
  let nw: f64 = 0;
  let nv: f64 = 0;
  let r: f64 = 0;
  let rw: f64 = 0;
  let rv: f64 = 0;
  let d: f64 = 0;
  let dw: f64 = 0;
  let found: i32 = 0;
  let p = neighbours;
  for (let ring: i32 = 0; ring < rings && found < enough; ring++, ends += 4) {
    for (const end = neighbours + (<usize>load<i32>(ends) << 4); p < end; p += 16) {
      const dx = load<i32>(p);
      const dy = load<i32>(p, 4);
      if (!isInside && (<u32>(x + dx) >= <u32>width || <u32>(y + dy) >= <u32>height)) continue;
      const k = pixel + dy * width + dx;
      const badness = load<u8>(bad + <usize>k);
      // In the middle of a large hole most neighbours are as bad.
      if (badness == BOTH) continue;
      const at: usize = <usize>k << 2;
      const w = load<f64>(p, 8);
      let light: f64 = <f64>load<f32>(science + at);
      let reference: f64 = <f64>load<f32>(template + at);
      if (starsOfScience) light -= <f64>load<f32>(starsOfScience + at);
      if (starsOfTemplate) reference -= <f64>load<f32>(starsOfTemplate + at);
      if (badness != SCIENCE) {
        n += w * light;
        nv += w * <f64>load<f32>(scienceVariance + at);
        nw += w;
      }
      if (badness != TEMPLATE) {
        r += w * reference;
        rv += w * <f64>load<f32>(templateVariance + at);
        rw += w;
      }
      if (badness == 0) {
        d += w * (light - reference);
        dw += w;
        found++;
      }
    }
  }
  meanScience = nw > 0 ? n / nw : 0;
  meanTemplate = rw > 0 ? r / rw : 0;
  meanDifference = dw > 0 ? d / dw : 0;
  varianceOfScience = nw > 0 ? nv / nw : skyOfScience;
  varianceOfTemplate = rw > 0 ? rv / rw : skyOfTemplate;
}
