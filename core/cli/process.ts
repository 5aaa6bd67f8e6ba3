import type { ProcessReport } from '../pipeline/index.ts';
import type { Console } from './console.ts';
import { formatTable } from './console.ts';
import { withApp } from './with-app.ts';

interface ProcessOptions {
  readonly science: string;
  readonly template: string;
  readonly config?: string;
  readonly method?: string;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly allowBandMismatch?: boolean;
  readonly bias?: string;
  readonly dark?: string;
  readonly flat?: string;
}

/** Run `astrid process`. @throws what the line throws */
export async function runProcess(options: ProcessOptions, out: Console): Promise<void> {
  await withApp({ workspace: options.workspace, out }, async (app, signal) => {
    const notes: string[] = [];
    const report = await app.processPair({
      sciencePath: options.science,
      templatePath: options.template,
      configPath: options.config,
      method: options.method,
      calibration: { biasPath: options.bias, darkPath: options.dark, flatPath: options.flat },
      allowBandMismatch: options.allowBandMismatch === true,
      signal,
      onProgress: ({ stage, message }) => out.status(`${stage}: ${message}`),
      onNote: (note) => notes.push(note),
      onStage: (stage, seconds) => {
        out.say(`${stage.padEnd(13)}${seconds.toFixed(2).padStart(7)} s`);
        for (const note of notes.splice(0)) out.say(`  ${note}`);
      },
    });
    out.print(options.json ? JSON.stringify(report, null, 2) : describeReport(report));
  });
}

/** Lay a report out for people: the state of the difference, then the candidates, best first. */
export function describeReport(report: ProcessReport): string {
  const { grade, candidates, vetoed } = report;
  const rows = candidates.map((candidate, index) => [
    String(index + 1),
    candidate.score.toFixed(3),
    candidate.snr.toFixed(1),
    candidate.isNegative ? 'faded' : 'brighter',
    candidate.xPx.toFixed(2),
    candidate.yPx.toFixed(2),
    candidate.raDeg === undefined ? '-' : candidate.raDeg.toFixed(6),
    candidate.decDeg === undefined ? '-' : candidate.decDeg.toFixed(6),
    candidate.fluxE.toFixed(0),
    candidate.fluxErrE.toFixed(0),
    candidate.flags.join(' '),
  ]);
  const head = [
    'rank',
    'score',
    'S/N',
    'change',
    'x px',
    'y px',
    'RA deg',
    'Dec deg',
    'flux e-',
    '± e-',
    'flags',
  ];
  const found = `${candidates.length} candidate${candidates.length === 1 ? '' : 's'} (${vetoed.length} more vetoed)`;
  const state = grade
    ? `difference graded ${grade.grade}${grade.reasons.length > 0 ? `: ${grade.reasons.join('; ')}` : ''}`
    : '';
  return [state, found, ...(rows.length > 0 ? [formatTable(head, rows)] : [])].filter(Boolean).join('\n');
}
