#!/usr/bin/env node
// The entry that any Node may start: it finds a Node that can run the program (22 or newer, which
// better-sqlite3 and type stripping need) and hands over to it. `node` from this project's own
// packages is such a Node, so `npm ci` on an older machine is enough.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

function findNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json');
    const binary = join(dirname(packageFile), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed: said below.
  }
  process.stderr.write(
    `AstrID needs Node 22.18 or newer (this is ${process.versions.node}). Run "npm ci" in ${root}: it brings one.\n`,
  );
  process.exit(3);
}

/** Kernels older than their sources: a checkout that was brought up to date has new code that calls kernels it lacks. */
function areKernelsStale() {
  const built = statSync(join(root, 'core/kernels/generated/wasm.ts'), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  const sources = join(root, 'core/kernels/assembly');
  return (
    existsSync(sources) && readdirSync(sources).some((name) => statSync(join(sources, name)).mtimeMs > built)
  );
}

const node = findNode();
if (areKernelsStale()) {
  const built = spawnSync(node, [join(root, '.config/build-kernels.mjs')], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

// Young objects of one thread. A command makes planes, and small things that die at once: more room saves no time and
// holds memory. Who answers requests has many of them underway: with 4 MB more outlive it, and at 500 requests a second
// collecting takes three times as long.
const YOUNG_MB = ['serve', 'open'].includes(process.argv[2]) ? 16 : 4;

const child = spawn(
  node,
  [
    '--disable-warning=ExperimentalWarning',
    `--max-semi-space-size=${YOUNG_MB}`,
    join(root, 'core/cli/main.ts'),
    ...process.argv.slice(2),
  ],
  // Stripping types and compiling takes two thirds of a start; the cache serves the threads too.
  // The fourth channel carries nothing: that it closes tells the program that this launcher was killed.
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // GNU's C library would keep what images leave for each thread on its own, a sixth of all memory; a mebibyte and
    // more goes back to the system at once. Other C libraries do not read these.
    env: {
      NODE_COMPILE_CACHE: join(root, '.cache/compile'),
      MALLOC_ARENA_MAX: '2',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      MALLOC_TRIM_THRESHOLD_: '1048576',
      ...process.env,
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (code ?? 1);
});
