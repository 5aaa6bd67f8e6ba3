import type { EfficiencyCurve } from '../../../core/api/contract/index.ts';

/** Where a plot's axes lie, in the drawing's units. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const LOWEST_SNR = 2;
const HIGHEST_SNR = 15;
const STEPS = 60;

/** Place an S/N on a logarithmic axis. */
export function placeSnr(snr: number, { left, right }: Pick<PlotArea, 'left' | 'right'>): number {
  const part = Math.log(snr / LOWEST_SNR) / Math.log(HIGHEST_SNR / LOWEST_SNR);
  return left + Math.min(1, Math.max(0, part)) * (right - left);
}

/** Draw the fitted curve as an SVG path. */
export function drawCurve(curve: EfficiencyCurve, area: PlotArea): string {
  return `M${points(curve, area, 0).join('L')}`;
}

/** Draw the band in which the curve lies: moved along the axis by its error at one half, both ways. */
export function drawBand(curve: EfficiencyCurve, area: PlotArea): string {
  const error = curve.at50?.error ?? 0;
  return `M${points(curve, area, error).join('L')}L${points(curve, area, -error).reverse().join('L')}Z`;
}

function points({ ceiling, centre, width }: EfficiencyCurve, area: PlotArea, shift: number): string[] {
  return Array.from({ length: STEPS + 1 }, (_, k) => {
    const snr = LOWEST_SNR * (HIGHEST_SNR / LOWEST_SNR) ** (k / STEPS);
    const part = ceiling / (1 + Math.exp(-(snr - centre - shift) / width));
    const y = area.bottom - part * (area.bottom - area.top);
    return `${placeSnr(snr, area).toFixed(1)} ${y.toFixed(1)}`;
  });
}
