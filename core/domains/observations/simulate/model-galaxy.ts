import type { GaussianComponent } from './model-psf.ts';

/** Shape of a galaxy: a disc or a spheroid, half its light within `halfLightPx` along the major axis. */
export interface GalaxyShape {
  readonly profile: 'exponential' | 'de-vaucouleurs';
  readonly halfLightPx: number;
  /** Minor over major axis, 0..1. */
  readonly axisRatio: number;
  readonly angleRad: number;
}

interface RadialGaussian {
  readonly weight: number;
  /** Variance per axis in units of the squared half-light radius. */
  readonly variance: number;
}

// exp(-c r) is a continuous sum of Gaussians with a Levy weight:
//   exp(-c r) = integral c/(2 sqrt(pi)) t^(-3/2) e^(-c^2/4t) e^(-t r^2) dt;   1.6783 = c for half-light radius 1.
const EXPONENTIAL: readonly RadialGaussian[] = normalise(
  steps(-2.2, 4.3, 0.8).map((u) => {
    const c = 1.6783;
    const t = Math.exp(u);
    return { weight: t ** -1.5 * Math.exp((-c * c) / (4 * t)), variance: 1 / (2 * t) };
  }),
);

// The r^(1/4) law has no such form; Gaussians spaced evenly in ln r that each carry the light of their
// ring, and half of it within r, follow its curve of growth within 4 % of the light from 0.1 to 4
// half-light radii (cut at 8).
const DE_VAUCOULEURS: readonly RadialGaussian[] = normalise(
  steps(-3.6, 2.1, 0.8).map((u) => {
    const r = Math.exp(u);
    return { weight: r * r * Math.exp(-7.669 * r ** 0.25), variance: (r * r) / (2 * Math.LN2) };
  }),
);

function steps(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

function normalise(parts: readonly RadialGaussian[]): readonly RadialGaussian[] {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  return parts.map((part) => ({ ...part, weight: part.weight / total }));
}

/** Convolve a galaxy with a PSF: the sums of Gaussians multiply out. */
export function galaxyComponents(
  shape: GalaxyShape,
  psf: readonly GaussianComponent[],
): readonly GaussianComponent[] {
  const radial = shape.profile === 'exponential' ? EXPONENTIAL : DE_VAUCOULEURS;
  const cos = Math.cos(shape.angleRad);
  const sin = Math.sin(shape.angleRad);
  const scale = shape.halfLightPx ** 2;
  const parts: GaussianComponent[] = [];
  for (const ring of radial) {
    const major = ring.variance * scale;
    const minor = major * shape.axisRatio ** 2;
    const xx = major * cos * cos + minor * sin * sin;
    const xy = (major - minor) * sin * cos;
    const yy = major * sin * sin + minor * cos * cos;
    for (const p of psf) {
      const weight = ring.weight * p.weight;
      if (weight > 1e-4) parts.push({ weight, xx: xx + p.xx, xy: xy + p.xy, yy: yy + p.yy });
    }
  }
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  return parts.map((part) => ({ ...part, weight: part.weight / total }));
}

/** Draw a position in a galaxy as its own light is distributed, offset from its centre in px. */
export function drawOffsetInGalaxy(
  shape: GalaxyShape,
  uniform: () => number,
  normal: () => number,
): readonly [number, number] {
  const radial = shape.profile === 'exponential' ? EXPONENTIAL : DE_VAUCOULEURS;
  const pick = uniform();
  let passed = 0;
  const ring =
    radial.find((part) => {
      passed += part.weight;
      return passed >= pick;
    }) ?? radial[radial.length - 1]!;
  const sigma = Math.sqrt(ring.variance) * shape.halfLightPx;
  const a = sigma * normal();
  const b = sigma * shape.axisRatio * normal();
  const cos = Math.cos(shape.angleRad);
  const sin = Math.sin(shape.angleRad);
  return [a * cos - b * sin, a * sin + b * cos];
}
