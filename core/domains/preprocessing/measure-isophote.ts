/** What the pixels of one footprint say about an object, in pixels and the unit of the image. */
export interface Isophote {
  /** Pixels (y * width + x) of the object. */
  readonly pixels: Int32Array;
  readonly threshold: number;
  /** First moments of the smoothed image. */
  readonly x: number;
  readonly y: number;
  /** Second moments. */
  readonly x2: number;
  readonly y2: number;
  readonly xy: number;
  /** rms along the axes and the angle of the long one, rad in (-pi/2, pi/2]. */
  readonly a: number;
  readonly b: number;
  readonly theta: number;
  /** Ellipse: cxx dx^2 + cyy dy^2 + cxy dx dy = r^2. */
  readonly cxx: number;
  readonly cyy: number;
  readonly cxy: number;
  /** Sum and maximum of the smoothed image; sum and maximum of the image itself. */
  readonly smoothedFlux: number;
  readonly smoothedPeak: number;
  readonly flux: number;
  readonly peak: number;
  /** How concentrated the object is: 1 for a Gaussian. Scales the ellipse to the isophote. */
  readonly areaCorrection: number;
  readonly isDeblended: boolean;
  /** Too thin for its moments: a pixel's own second moment was added. */
  readonly isSingular: boolean;
}

/**
 * Measure the moments of an object over its footprint.
 *
 * @param centre use this barycentre instead of the footprint's (for blends: that of the core alone).
 * @see Bertin & Arnouts 1996, A&AS 117, 393, section 5; SExtractor manual, "Isophotal measurements".
 */
export function measureIsophote(
  pixels: Int32Array,
  width: number,
  image: Float32Array,
  smoothed: Float32Array,
  threshold: number,
  centre?: { readonly x: number; readonly y: number },
): Isophote {
  // Moments are taken about the first pixel, lest squares of large coordinates eat the digits.
  const xOrigin = pixels[0]! % width;
  const yOrigin = (pixels[0]! - xOrigin) / width;
  let weight = 0;
  let smoothedPeak = Number.NEGATIVE_INFINITY;
  let flux = 0;
  let peak = Number.NEGATIVE_INFINITY;
  let mx = 0;
  let my = 0;
  let mxx = 0;
  let myy = 0;
  let mxy = 0;
  for (let i = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    const px = at % width;
    const dx = px - xOrigin;
    const dy = (at - px) / width - yOrigin;
    const value = image[at]!;
    const smooth = smoothed[at]!;
    if (smooth > smoothedPeak) smoothedPeak = smooth;
    if (value > peak) peak = value;
    flux += value;
    weight += smooth;
    mx += smooth * dx;
    my += smooth * dy;
    mxx += smooth * dx * dx;
    myy += smooth * dy * dy;
    mxy += smooth * dx * dy;
  }
  let x = mx / weight;
  let y = my / weight;
  let x2: number;
  let y2: number;
  let xy: number;
  if (centre === undefined) {
    x2 = mxx / weight - x * x;
    y2 = myy / weight - y * y;
    xy = mxy / weight - x * y;
  } else {
    const cx = centre.x - xOrigin;
    const cy = centre.y - yOrigin;
    x2 = mxx / weight + cx * cx - 2 * x * cx;
    y2 = myy / weight + cy * cy - 2 * y * cy;
    xy = mxy / weight + cx * cy - x * cy - y * cx;
    x = cx;
    y = cy;
  }
  let determinant = x2 * y2 - xy * xy;
  const isSingular = determinant < 0.00694;
  if (isSingular) {
    x2 += 1 / 12;
    y2 += 1 / 12;
    determinant = x2 * y2 - xy * xy;
  }
  // A one-pixel-wide diagonal line stays degenerate even so.
  determinant = Math.max(determinant, 1e-12);
  const half = (x2 + y2) / 2;
  const spread = Math.sqrt(((x2 - y2) / 2) ** 2 + xy * xy);
  const theta = x2 === y2 ? Math.PI / 4 : Math.atan2(2 * xy, x2 - y2) / 2;
  const a = Math.sqrt(half + spread);
  const b = Math.sqrt(Math.max(half - spread, 1e-12));
  return {
    pixels,
    threshold,
    x: x + xOrigin,
    y: y + yOrigin,
    x2,
    y2,
    xy,
    a,
    b,
    theta,
    cxx: y2 / determinant,
    cyy: x2 / determinant,
    cxy: (-2 * xy) / determinant,
    smoothedFlux: weight,
    smoothedPeak,
    flux,
    peak,
    areaCorrection: correctArea(pixels, image, threshold, peak, a, b),
    isDeblended: centre !== undefined,
    isSingular,
  };
}

/** Compare the fall of the area between threshold and half-way to the peak with that of a Gaussian. */
function correctArea(
  pixels: Int32Array,
  image: Float32Array,
  threshold: number,
  peak: number,
  a: number,
  b: number,
): number {
  const middle = (threshold + peak) / 2;
  const ratio = threshold / middle;
  if (!(ratio > 0)) return 1;
  let above = 0;
  let aboveMiddle = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = image[pixels[i]!]!;
    if (value > threshold) above++;
    if (value > middle) aboveMiddle++;
  }
  const shrink = aboveMiddle < above ? aboveMiddle - above : -1;
  return Math.min(1, shrink / (2 * Math.PI * Math.log(ratio < 1 ? ratio : 0.99) * a * b));
}
