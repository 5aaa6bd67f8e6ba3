import type { Completeness, Estimate, GroupCompleteness } from '../domains/detection/index.ts';
import { formatTable } from './console.ts';

/** Lay out what injected stars told: found by S/N, limits by place and by host, biases. */
export function describeInjections(measured: Completeness): string {
  const { bySnr, byMag, fluxBias, positionRmsPx, pullMean, pullSigma, vetoes } = measured;
  const bins = bySnr.bins
    .filter(({ injected }) => injected > 0)
    .map((bin) => [
      `${bin.from} - ${bin.to}`,
      String(bin.injected),
      String(bin.found),
      percent(bin.found / bin.injected),
      `${percent(bin.low)} - ${percent(bin.high)}`,
    ]);
  const system = measured.magnitudes === 'instrumental' ? 'instrumental, -2.5 log10(e-/s)' : 'calibrated';
  const groups: [string, GroupCompleteness][] = [
    ['hostless', measured.hostless],
    ...(measured.hosted ? [['hosted', measured.hosted] as [string, GroupCompleteness]] : []),
    ...measured.hosts.map((host): [string, GroupCompleteness] => [
      `  on ${host.fromE.toFixed(0)} to ${host.toE.toFixed(0)} e-/px`,
      host,
    ]),
    ...measured.cells.map((cell): [string, GroupCompleteness] => [
      `  x ${cell.x} to ${cell.x + cell.width - 1}, y ${cell.y} to ${cell.y + cell.height - 1}`,
      cell,
    ]),
  ];
  const rows = groups.map(([name, group]) => [
    name,
    String(group.injected),
    String(group.found),
    estimate(group.snr50),
    estimate(group.snr90),
    number(group.mag50),
    number(group.mag90),
  ]);
  const vetoed = Object.entries(vetoes).map(([rule, count]) => `${count} ${rule}`);
  return [
    `${measured.injected} stars injected, ${measured.detected} detected, ${measured.found} candidates`,
    `50 % at S/N ${estimate(bySnr.at50)}, 90 % at ${estimate(bySnr.at90)} (hostless)`,
    `m50 ${estimate(byMag.at50)}, m90 ${estimate(byMag.at90)} (${system})`,
    `flux bias ${fluxBias ? `${(100 * fluxBias.value).toFixed(1)} ± ${(100 * fluxBias.error).toFixed(1)} %` : '-'}; pulls ${pullMean.value.toFixed(2)} ± ${pullMean.error.toFixed(2)}, sigma ${pullSigma.value.toFixed(2)} ± ${pullSigma.error.toFixed(2)}; positions to ${positionRmsPx ? positionRmsPx.value.toFixed(2) : '-'} px an axis`,
    ...(vetoed.length > 0 ? [`vetoed: ${vetoed.join(', ')}`] : []),
    '',
    formatTable(['S/N', 'injected', 'found', 'part', '68 % interval'], bins),
    '',
    formatTable(['where', 'injected', 'found', 'S/N 50 %', 'S/N 90 %', 'm50', 'm90'], rows),
  ].join('\n');
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

function estimate(limit: Estimate | undefined): string {
  return limit ? `${limit.value.toFixed(2)} ± ${limit.error.toFixed(2)}` : 'not reached';
}

function number(value: number | undefined): string {
  return value === undefined ? '-' : value.toFixed(2);
}
