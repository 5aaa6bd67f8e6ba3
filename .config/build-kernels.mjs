// Compile core/kernels/assembly to WebAssembly and write it as a module that loads synchronously anywhere.
// Does nothing when the sources, this script and the compiler are those of the last build; --force builds anyway.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sourceFolder = join(root, 'core/kernels/assembly');
const target = join(root, 'core/kernels/generated/wasm.ts');
const compilerVersion = JSON.parse(
  readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'),
).version;

const names = readdirSync(sourceFolder)
  .filter((name) => name.endsWith('.ts'))
  .sort();
const sources = new Map(names.map((name) => [name, readFileSync(join(sourceFolder, name), 'utf8')]));

const hash = createHash('sha256').update(compilerVersion).update(readFileSync(fileURLToPath(import.meta.url)));
for (const [name, text] of sources) hash.update(`\0${name}\0${text}`);
const sourceHash = hash.digest('hex');

if (
  !process.argv.includes('--force') &&
  existsSync(target) &&
  readFileSync(target, 'utf8').includes(sourceHash)
) {
  // Newer than its sources from now on, so that the launcher need not ask again.
  utimesSync(target, new Date(), new Date());
  process.exit(0);
}

const started = performance.now();
const { default: asc } = await import('assemblyscript/asc');

/** Compile the kernels once, with what else the engine is to have. */
async function compile(features) {
  const written = new Map();
  const messages = [];
  const { error } = await asc.main(
    [
      'index.ts',
      '--outFile',
      'kernels.wasm',
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      ...['simd', ...features].flatMap((feature) => ['--enable', feature]),
      '--use',
      'abort=',
      '--bindings',
      'raw',
    ],
    {
      stdout: { write: (text) => messages.push(text) },
      stderr: { write: (text) => messages.push(text) },
      readFile: (name) => sources.get(name) ?? null,
      writeFile: (name, contents) => written.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) {
    process.stderr.write(`The kernels do not compile.\n${messages.join('')}${error.message}\n`);
    process.exit(1);
  }
  const bytes = written.get('kernels.wasm');
  const foreign = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (foreign.length > 0) {
    process.stderr.write(
      `The kernels must import nothing, but want ${foreign.map((i) => i.name).join(', ')}.\n`,
    );
    process.exit(1);
  }
  return { bytes: Buffer.from(bytes), types: listFunctions(String(written.get('kernels.d.ts'))) };
}

/** Take what the module offers from the compiler's own declarations, with the names of its parameters. */
function listFunctions(declarations) {
  return [...declarations.matchAll(/^ *export function (\w+\([^)]*\): \w+);$/gm)]
    .map(([, signature]) => `  ${signature};\n`)
    .join('');
}

const { bytes: plain, types } = await compile([]);
const { bytes: relaxed } = await compile(['relaxed-simd']);
mkdirSync(dirname(target), { recursive: true });
// Written beside and renamed, so that a reader never sees half a file.
const draft = `${target}.${process.pid}`;
writeFileSync(
  draft,
  `// Written by .config/build-kernels.mjs from core/kernels/assembly; do not edit.
export const sourceHash = '${sourceHash}';
/** What the module offers; addresses and sizes are plain integers. See core/kernels/assembly for each. */
export interface KernelModule {
  readonly memory: WebAssembly.Memory;
${types}}
/** Plain SIMD, for engines that have no other. */
export const plainBase64 =
  '${plain.toString('base64')}';
/** The same with relaxed SIMD. */
export const relaxedBase64 =
  '${relaxed.toString('base64')}';
`,
);
renameSync(draft, target);
process.stdout.write(
  `kernels: ${(plain.length / 1024).toFixed(1)} and ${(relaxed.length / 1024).toFixed(1)} KiB of WebAssembly in ${((performance.now() - started) / 1000).toFixed(1)} s\n`,
);
