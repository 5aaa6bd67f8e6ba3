import type { Command } from 'commander';
import { chooseWorkspace, examineSystem, pathsOfCheckout } from '../app/index.ts';
import type { Console } from './console.ts';
import { ExitCode } from './exit.ts';
import { CHECKOUT } from './with-app.ts';

const MARK = { ok: 'ok  ', warning: 'warn', error: 'FAIL' } as const;

/** Add `astrid doctor`. */
export function addDoctor(program: Command, makeConsole: () => Console): void {
  program
    .command('doctor')
    .description('Say what works on this machine, what does not, and what mends it.')
    .option('--workspace <folder>', 'where results are kept')
    .option('--json', 'print the findings as JSON')
    .action(async (options: { workspace?: string; json?: boolean }) => {
      const out = makeConsole();
      const findings = await examineSystem(chooseWorkspace(options.workspace), pathsOfCheckout(CHECKOUT));
      if (options.json) {
        out.print(JSON.stringify(findings, null, 2));
      } else {
        for (const { name, state, message, remedy } of findings) {
          out.print(`${MARK[state]}  ${name.padEnd(12)} ${message}${remedy ? `\n${' '.repeat(19)}-> ${remedy}` : ''}`);
        }
      }
      if (findings.some(({ state }) => state === 'error')) process.exitCode = ExitCode.failed;
    });
}
