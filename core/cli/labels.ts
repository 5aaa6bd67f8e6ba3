import { exportLabels, importLabels } from '../app/exchange-labels.ts';
import { chooseWorkspace, pathsOfCheckout } from '../app/index.ts';
import { CHECKOUT } from './checkout.ts';
import { type Console, count } from './console.ts';

interface LabelOptions {
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid labels export`. @throws workspace/in-use, observations/unwritable */
export async function runLabelsExport(
  file: string | undefined,
  options: LabelOptions,
  out: Console,
): Promise<void> {
  const lines = await exportLabels(placeOf(options), file);
  if (file === undefined) out.print(lines.join('\n'));
  const events = lines.filter((line) => line.startsWith('{"line":"event"')).length;
  out.say(`${count(events, 'event')} ${file === undefined ? 'written' : `written to ${file}`}`);
}

/** Run `astrid labels import`. @throws curation/unreadable-labels, workspace/in-use */
export async function runLabelsImport(
  files: readonly string[],
  options: LabelOptions,
  out: Console,
): Promise<void> {
  for (const file of files) {
    const report = await importLabels(placeOf(options), file);
    if (options.json) {
      out.print(JSON.stringify({ version: 1, file, ...report }));
      continue;
    }
    out.print(`${file}: ${count(report.events, 'event')} read, ${report.added} new`);
    if (report.matched > 0) out.say(`${count(report.matched, 'candidate')} found here under another id`);
    if (report.waiting > 0)
      out.say(
        `${count(report.waiting, 'candidate')} not here: the labels are kept and wait until the same pair is processed`,
      );
    if (report.clashes > 0)
      out.complain(
        `${count(report.clashes, 'event')} differ from what is here under the same id; what is here stays.`,
      );
  }
}

function placeOf(options: LabelOptions) {
  return { workspaceDir: chooseWorkspace(options.workspace), paths: pathsOfCheckout(CHECKOUT) };
}
