import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import {
  CandidatePlaceSchema,
  CurationEventSchema,
  openDatabase,
  TaxonomySchema,
  type WorkspaceDatabase,
} from '../adapters/db/index.ts';
import type { ImportReport, LabelLine } from '../domains/curation/index.ts';
import { AstridError } from '../utils/index.ts';
import { createLog } from './log.ts';
import type { AppPaths } from './paths.ts';
import { writeWhole } from './write-whole.ts';

const Line = z.discriminatedUnion('line', [
  z.object({ line: z.literal('header'), format: z.literal('astrid-labels'), version: z.literal(1) }),
  z.object({
    line: z.literal('curator'),
    id: z.string(),
    name: z.string(),
    shortId: z.string(),
    colour: z.number().int().min(0).max(7),
    shape: z.enum(['disc', 'square', 'triangle', 'diamond', 'hexagon', 'cross']),
    clock: z.string(),
  }),
  z.object({
    line: z.literal('taxonomy'),
    taxonomy: TaxonomySchema,
  }),
  CandidatePlaceSchema.extend({ line: z.literal('candidate') }),
  z.object({ line: z.literal('event'), event: CurationEventSchema }),
]);

/** The workspace whose labels are taken out or merged into. */
export interface LabelWorkspace {
  readonly workspaceDir: string;
  readonly paths: AppPaths;
}

/**
 * Write everything people said in a workspace as JSON lines.
 *
 * @returns the lines; with `file`, they are written there, whole or not at all.
 * @throws workspace/in-use, observations/unwritable
 */
export async function exportLabels(workspace: LabelWorkspace, file?: string): Promise<readonly string[]> {
  const lines = await withDatabase(workspace, async ({ labelExchange }) => {
    const written: string[] = [];
    for await (const line of labelExchange.export()) written.push(JSON.stringify(line));
    return written;
  });
  if (file !== undefined) await writeWhole(resolve(file), `${lines.join('\n')}\n`);
  return lines;
}

/**
 * Merge the labels of another workspace into this one; all of the file or nothing of it.
 *
 * Read twice, or after a part of it came another way, it adds what is not there yet.
 *
 * @throws curation/unreadable-labels, workspace/in-use
 */
export async function importLabels(workspace: LabelWorkspace, file: string): Promise<ImportReport> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new AstridError(
      'curation/unreadable-labels',
      `${file} cannot be read (${reason}); nothing was imported.`,
      {
        file,
        reason,
      },
    );
  }
  const lines = text
    .split('\n')
    .map((line, i) => [line, i + 1] as const)
    .filter(([line]) => line.trim() !== '')
    .map(([line, number]) => parseLine(line, number, file));
  if (lines[0]?.line !== 'header')
    throw new AstridError(
      'curation/unreadable-labels',
      `${file} is not a file of labels: it does not begin as "astrid labels export" writes it. Nothing was imported.`,
      { file },
    );
  return withDatabase(workspace, ({ labelExchange }) => labelExchange.import(lines));
}

function parseLine(text: string, number: number, file: string): LabelLine {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    data = undefined;
  }
  const parsed = Line.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AstridError(
    'curation/unreadable-labels',
    `Line ${number} of ${file} cannot be read (${issue?.path.join('.') || 'no JSON'}: ${issue?.message ?? ''}); nothing was imported.`,
    { file, line: number },
  );
}

async function withDatabase<Result>(
  { workspaceDir, paths }: LabelWorkspace,
  work: (database: WorkspaceDatabase) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase({
    folder: resolve(workspaceDir),
    migrationsFolder: paths.migrationsDir,
    log: createLog('error').child({ scope: 'db' }),
  });
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
