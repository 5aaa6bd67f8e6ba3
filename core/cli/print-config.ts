import { parseLineConfig, readConfigFile } from '../app/parse-config.ts';
import type { Console } from './console.ts';

/** Run `astrid process --print-config`: every setting of the line as JSON, ready to be changed and given back. */
export function runPrintConfig(options: { readonly config?: string }, out: Console): void {
  const overrides = options.config === undefined ? {} : readConfigFile(options.config);
  out.print(JSON.stringify(parseLineConfig(overrides), null, 2));
}
