import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Astrometry.net on this machine. */
export interface SolveField {
  readonly program: string;
  /** Index files that its configuration leads to; without any it can solve nothing. */
  readonly indexCount: number;
}

/** Where its configuration lies, from the folder of the program. */
const CONFIGS = ['/etc/astrometry.cfg', '../etc/astrometry.cfg'];

/**
 * Look for astrometry.net's `solve-field` and for index files it could use.
 *
 * @param environment PATH is searched; `ASTROMETRY_CONFIG` names another configuration file.
 */
export function findSolveField(environment: NodeJS.ProcessEnv = process.env): SolveField | undefined {
  const program = (environment.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'solve-field'))
    .find(isExecutable);
  if (program === undefined) return undefined;
  const config = configOf(program, environment);
  return { program, indexCount: config === undefined ? 0 : countIndexFiles(config) };
}

/** The configuration that solve-field would read; `undefined` when there is none. */
export function configOf(program: string, environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment.ASTROMETRY_CONFIG;
  return [
    ...(named === undefined ? [] : [named]),
    ...CONFIGS.map((path) => (path.startsWith('/') ? path : join(dirname(program), path))),
  ].find(isReadable);
}

function countIndexFiles(config: string): number {
  const lines = readFileSync(config, 'utf8').split('\n');
  const settingsOf = (word: string): string[] =>
    lines.flatMap((line) => new RegExp(`^\\s*${word}\\s+(\\S+)`).exec(line)?.[1] ?? []);
  const files = settingsOf('add_path').flatMap((folder) => {
    try {
      return readdirSync(folder).filter((name) => /^index.*\.fits?$/.test(name));
    } catch {
      return [];
    }
  });
  return files.length + settingsOf('index').filter(isReadable).length;
}

function isExecutable(path: string): boolean {
  return isAccessible(path, constants.X_OK);
}

function isReadable(path: string): boolean {
  return isAccessible(path, constants.R_OK);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
