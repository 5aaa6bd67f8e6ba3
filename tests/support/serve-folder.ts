import { spawn } from 'node:child_process';

/** A workstation that is being looked at. */
export interface Served {
  /** Where a browser gets in, with its token. */
  readonly address: string;
  close(): Promise<void>;
}

/** Start `astrid serve` over a workspace. */
export async function serve(workspace: string): Promise<Served> {
  const host = spawn(process.execPath, ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => host.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
    host.once('exit', (code) => reject(new Error(`astrid serve ended with ${code}`)));
  });
  return {
    address,
    close: async () => {
      host.kill('SIGTERM');
      await ended;
    },
  };
}
