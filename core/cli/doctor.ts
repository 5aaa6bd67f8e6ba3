import { resolve } from 'node:path';
import { examineSystem } from '../app/examine-system.ts';
import { chooseWorkspace, pathsOfCheckout } from '../app/paths.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { ExitCode } from './exit.ts';

const MARK = { ok: 'ok  ', warning: 'warn', error: 'FAIL' } as const;

/** Run `astrid doctor`. */
export async function runDoctor(
  options: { readonly workspace?: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const workspaceDir = resolve(chooseWorkspace(options.workspace));
  const findings = await examineSystem(workspaceDir, pathsOfCheckout(CHECKOUT));
  if (options.json) {
    out.print(JSON.stringify(findings, null, 2));
  } else {
    for (const { name, state, message, remedy } of findings) {
      out.print(
        `${MARK[state]}  ${name.padEnd(12)} ${message}${remedy ? `\n${' '.repeat(19)}-> ${remedy}` : ''}`,
      );
    }
  }
  if (findings.some(({ state }) => state === 'error')) process.exitCode = ExitCode.failed;
}
