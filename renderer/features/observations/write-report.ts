import type { Run } from '../../../core/api/contract/index.ts';
import { nameOfRun } from './describe-run.ts';

/** Numbers of a failure that say where in a file it is, in the words they are shown by. */
const PLACES: Readonly<Record<string, string>> = {
  offset: 'byte',
  byteOffset: 'byte',
  byte: 'byte',
  position: 'byte',
  hdu: 'HDU',
  card: 'card',
  keyword: 'card',
  line: 'line',
};

/** Where in its file a failure lies: `byte 2880, card BITPIX`. */
export function placeOfFailure(run: Run): string | undefined {
  const found = Object.entries(run.errorDetails ?? {})
    .filter(([name, value]) => PLACES[name] !== undefined && typeof value !== 'object')
    .map(([name, value]) => `${PLACES[name]} ${String(value)}`);
  return found.length === 0 ? undefined : found.join(', ');
}

/** Everything that is known of a failed run, for whoever is asked about it. */
export function writeReport(run: Run, version: string | undefined): string {
  const stages = run.stages
    .filter(({ status }) => status !== 'pending')
    .map(
      ({ stage, status, seconds }) =>
        `  ${stage}: ${status}${seconds === undefined ? '' : `, ${seconds.toFixed(2)} s`}`,
    );
  return [
    `AstrID ${version ?? ''}: ${nameOfRun(run)} ${run.status}`,
    `what: ${run.errorMessage ?? ''}`,
    `code: ${run.errorCode ?? ''}`,
    `details: ${JSON.stringify(run.errorDetails ?? {})}`,
    `science: ${run.sciencePath}`,
    `template: ${run.templatePath}`,
    `run: ${run.id}, queued ${run.createdAt}`,
    'stages:',
    ...stages,
  ].join('\n');
}
