import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AstridError } from '../../utils/errors.ts';
import { configOf, type SolveField } from './find-solve-field.ts';

/** What solve-field is asked. */
export interface SolveFieldRequest {
  /** A FITS table with columns X, Y (first pixel (1, 1)) and FLUX. */
  readonly listPath: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** An empty folder of its own. */
  readonly folder: string;
  readonly scaleArcsec?: readonly [number, number] | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/**
 * Run astrometry.net's solve-field on a list of sources.
 *
 * It and what it starts are ended after the timeout, or when the signal is aborted.
 *
 * @returns the FITS file with its WCS; `undefined` when it did not solve the field.
 * @throws catalog/solve-field-failed, catalog/solve-field-timeout, internal/stopped
 */
export async function runSolveField(
  { program }: SolveField,
  request: SolveFieldRequest,
): Promise<string | undefined> {
  const { folder, timeoutMs, signal, scaleArcsec, environment = process.env } = request;
  const wcsPath = join(folder, 'solution.wcs');
  const config = configOf(program, environment);
  const child = spawn(
    program,
    [
      ...['--no-plots', '--overwrite', '--dir', folder, '--wcs', wcsPath],
      ...['--width', String(request.widthPx), '--height', String(request.heightPx)],
      ...['--x-column', 'X', '--y-column', 'Y', '--sort-column', 'FLUX'],
      ...['--cpulimit', String(Math.ceil(timeoutMs / 1000))],
      ...[
        '--new-fits',
        'none',
        '--corr',
        'none',
        '--match',
        'none',
        '--rdls',
        'none',
        '--index-xyls',
        'none',
      ],
      ...(config === undefined ? [] : ['--config', config]),
      ...(scaleArcsec === undefined
        ? []
        : [
            '--scale-units',
            'arcsecperpix',
            '--scale-low',
            String(scaleArcsec[0]),
            '--scale-high',
            String(scaleArcsec[1]),
          ]),
      request.listPath,
    ],
    // A group of its own: it starts an engine that outlives it when only it is ended.
    { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment },
  );
  let said = '';
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  let isLate = false;
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  signal?.addEventListener('abort', end);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    }).catch((error: Error) => {
      throw new AstridError('catalog/solve-field-failed', `${program} cannot be started: ${error.message}.`, {
        program,
      });
    });
    if (signal?.aborted) throw new AstridError('internal/stopped', 'Stopped on request.');
    if (isLate)
      throw new AstridError(
        'catalog/solve-field-timeout',
        `solve-field did not end within ${(timeoutMs / 1000).toFixed(0)} s. Give --scale LOW,HIGH to make its search smaller.`,
        { program, timeoutMs },
      );
    if (existsSync(wcsPath)) return wcsPath;
    if (code !== 0)
      throw new AstridError(
        'catalog/solve-field-failed',
        `solve-field failed with ${code}: ${said.trim().split('\n').slice(-3).join(' ')}`,
        { program, code },
      );
    return undefined;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}
