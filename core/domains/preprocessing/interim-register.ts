import { resampleLanczos3 } from '../../kernels/index.ts';
import type { Task } from '../../utils/index.ts';
import { MaskBit } from '../observations/index.ts';
import type { CalibratedExposure, PixelMap, RegisteredTemplate, Registration } from './model.ts';
import { fitPlane } from './registration/fit-plane.ts';
import { mapPixels, unmapPixel } from './registration/map-pixels.ts';
import { matchStars } from './registration/match-stars.ts';

export interface RegistrationConfig {
  readonly maxOrder: number;
}
export const DEFAULT_REGISTRATION: RegistrationConfig = { maxOrder: 2 };

export const registerTemplateTask: Task<
  {
    readonly science: CalibratedExposure;
    readonly template: CalibratedExposure;
    readonly config: RegistrationConfig;
  },
  RegisteredTemplate
> = {
  name: 'preprocessing.register-template',
  run: ({ science, template }) => {
    const guess: PixelMap | undefined =
      science.wcs && template.wcs ? { kind: 'wcs', science: science.wcs, template: template.wcs } : undefined;
    const match = matchStars(science.sources, template.sources, undefined, guess);
    const n = match.pairs.science.length;
    const x = Float64Array.from(match.pairs.science, (k) => science.sources[k]!.xPx);
    const y = Float64Array.from(match.pairs.science, (k) => science.sources[k]!.yPx);
    const u = Float64Array.from(match.pairs.template, (k) => template.sources[k]!.xPx);
    const v = Float64Array.from(match.pairs.template, (k) => template.sources[k]!.yPx);
    const w = Float64Array.from(match.pairs.science, (k) => (science.sources[k]!.snr > 15 ? 1 : 0));
    const order = n > 60 ? 2 : 1;
    let map: PixelMap | undefined;
    let dx: number[] = [];
    let dy: number[] = [];
    for (let pass = 0; pass < 5; pass++) {
      map = { kind: order > 1 ? 'polynomial' : 'affine', plane: fitPlane({ x, y, u, v }, order, w)! };
      const at = mapPixels(map, x, y);
      const r = Array.from(x, (_, k) => Math.hypot(at.x[k]! - u[k]!, at.y[k]! - v[k]!));
      const used = r.filter((_, k) => w[k]! > 0).sort((a, b) => a - b);
      const limit = Math.max(0.05, 3 * used[used.length >> 1]!);
      dx = [];
      dy = [];
      for (let k = 0; k < n; k++) {
        w[k] = science.sources[k]!.snr > 15 && r[k]! < limit ? 1 : 0;
        if (w[k]! > 0) {
          dx.push(at.x[k]! - u[k]!);
          dy.push(at.y[k]! - v[k]!);
        }
      }
    }
    const ms = (a: number[]) => a.reduce((s, e) => s + e * e, 0) / a.length;
    const { width, height } = science.science;
    const stepPx = 16;
    const columns = Math.ceil((width - 1) / stepPx) + 1;
    const rows = Math.ceil((height - 1) / stepPx) + 1;
    const gx = new Float64Array(columns * rows);
    const gy = new Float64Array(columns * rows);
    for (let j = 0; j < rows; j++)
      for (let i = 0; i < columns; i++) {
        gx[j * columns + i] = i * stepPx;
        gy[j * columns + i] = j * stepPx;
      }
    const nodes = mapPixels(map!, gx, gy);
    const out = resampleLanczos3(
      { plane: template.science, variance: template.variance, mask: template.mask },
      { stepPx, columns, rows, x: nodes.x, y: nodes.y },
      width,
      height,
      { noDataBit: MaskBit.NO_DATA, edgeBit: MaskBit.EDGE },
    );
    let covered = 0;
    for (let i = 0; i < out.plane.data.length; i++) {
      if ((out.mask.data[i]! & MaskBit.NO_DATA) !== 0 || !Number.isFinite(out.plane.data[i]!)) {
        out.plane.data[i] = 0;
        out.variance.data[i] = template.backgroundRmsE ** 2;
        out.mask.data[i] |= MaskBit.NO_DATA;
      } else covered++;
    }
    const middle = { xPx: width / 2, yPx: height / 2 };
    const sources = template.sources.flatMap((s) => {
      const p = unmapPixel(map!, s.xPx, s.yPx, middle);
      return p && p.xPx > -1 && p.yPx > -1 && p.xPx < width && p.yPx < height
        ? [{ ...s, xPx: p.xPx, yPx: p.yPx }]
        : [];
    });
    const registration: Registration = {
      method: guess ? 'wcs+stars' : 'stars',
      matched: dx.length,
      rmsPx: Math.sqrt(ms(dx) + ms(dy)),
      sigmaXPx: Math.sqrt(ms(dx)),
      sigmaYPx: Math.sqrt(ms(dy)),
      offsetXPx: 0,
      offsetYPx: 0,
      overlap: covered / (width * height),
      map: map!,
      notes: [],
    };
    return {
      science: out.plane,
      variance: out.variance,
      mask: out.mask,
      registration,
      noiseCorrelationFactor: 0.89,
      backgroundRmsE: template.backgroundRmsE * 0.89,
      fwhmPx: template.fwhmPx,
      sources,
      notes: [],
    };
  },
};
