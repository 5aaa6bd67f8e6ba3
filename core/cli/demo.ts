import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encodePng } from '../adapters/imaging/index.ts';
import { createApp, pathsOfCheckout, SAMPLE_NIGHT, writeSimulatedField } from '../app/index.ts';
import { writeWhole } from '../app/write-whole.ts';
import type { TruthRow } from '../domains/observations/index.ts';
import type { ProcessReport } from '../pipeline/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { formatTable } from './console.ts';
import { drawContactSheet, type SheetEntry } from './draw-contact-sheet.ts';
import { untilStopped } from './until-stopped.ts';

/** A candidate is a true one when it lies this near, px: well within one FWHM. */
const MATCH_PX = 2;

/** Run `astrid demo`. */
export async function runDemo(options: { readonly sheet: string }, out: Console): Promise<void> {
  await untilStopped(out, (signal) => processSampleNight(resolve(options.sheet), out, signal));
}

async function processSampleNight(sheetPath: string, out: Console, signal: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'astrid-demo-'));
  const app = await createApp({
    host: 'direct',
    workspaceDir: join(folder, 'workspace'),
    paths: pathsOfCheckout(CHECKOUT),
    worksQueue: false,
  });
  const entries: SheetEntry[] = [];
  try {
    for (const [position, field] of SAMPLE_NIGHT.entries()) {
      out.status(`${field.name}: simulating`);
      const files = await writeSimulatedField(join(folder, field.name), field.config, app.threads, {
        signal,
      });
      const report = await app.processPair({
        sciencePath: files.science,
        templatePath: files.template,
        signal,
        onProgress: ({ stage, message }) => out.status(`${field.name}: ${stage} ${message}`),
      });
      const matches = matchTruth(report, files.rows);
      out.print(describeField(field.name, report, files.rows, matches));
      for (const [index, candidate] of report.candidates.entries()) {
        entries.push({
          triplet: await app.readTriplet(candidate.id),
          caption: `${position + 1}/${index + 1}  ${candidate.score.toFixed(2)}  ${candidate.snr.toFixed(1)}`,
          frame: matches.has(candidate.id) ? 'true' : 'false',
        });
      }
    }
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const sheet = drawContactSheet(entries, 63);
  await writeWhole(sheetPath, encodePng(sheet.width, sheet.height, sheet.rgba));
  out.print(
    `contact sheet: ${sheetPath}\n  science, template, difference of each candidate; field/rank, score and S/N above; green: a true change, red: none`,
  );
}

/** Pair candidates with true changes, nearest first within reach, each at most once. */
function matchTruth(report: ProcessReport, truth: readonly TruthRow[]): ReadonlyMap<string, TruthRow> {
  const pairs = report.candidates.flatMap((candidate) =>
    truth
      .map((row) => ({
        candidate,
        row,
        distance: Math.hypot(row.xPx - candidate.xPx, row.yPx - candidate.yPx),
      }))
      .filter(({ distance }) => distance <= MATCH_PX),
  );
  pairs.sort((a, b) => a.distance - b.distance);
  const matches = new Map<string, TruthRow>();
  const taken = new Set<TruthRow>();
  for (const { candidate, row } of pairs) {
    if (matches.has(candidate.id) || taken.has(row)) continue;
    matches.set(candidate.id, row);
    taken.add(row);
  }
  return matches;
}

function describeField(
  name: string,
  report: ProcessReport,
  truth: readonly TruthRow[],
  matches: ReadonlyMap<string, TruthRow>,
): string {
  const rows = report.candidates.map((candidate, index) => {
    const row = matches.get(candidate.id);
    return [
      String(index + 1),
      candidate.score.toFixed(3),
      candidate.snr.toFixed(1),
      candidate.xPx.toFixed(1),
      candidate.yPx.toFixed(1),
      candidate.fluxE.toFixed(0),
      row?.kind ?? 'no true change',
      row ? row.fluxE.toFixed(0) : '',
      row ? row.snr.toFixed(1) : '',
    ];
  });
  const bright = truth.filter(({ snr }) => snr >= 6);
  const found = new Set(matches.values());
  const summary =
    `${name}: difference ${report.grade?.grade ?? '-'}, ${report.candidates.length} candidates, ` +
    `${matches.size} of them true; ${bright.filter((row) => found.has(row)).length} of ${bright.length} changes of S/N 6 or more found`;
  const head = ['rank', 'score', 'S/N', 'x px', 'y px', 'flux e-', 'truth', 'true e-', 'true S/N'];
  return `${summary}\n${formatTable(head, rows)}\n`;
}
