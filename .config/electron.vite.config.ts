import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every thread entry is a program of its own, started by its file name. */
const workers = Object.fromEntries(
  readdirSync(`${root}/workers`)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => [`workers/${name.slice(0, -3)}`, `${root}/workers/${name}`]),
);

export default defineConfig({
  main: {
    build: {
      outDir: `${root}/out/main`,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input: { main: `${root}/electron/main.ts`, ...workers },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: `${root}/out/preload`,
      emptyOutDir: true,
      rolldownOptions: {
        input: { preload: `${root}/electron/preload.ts` },
        // A sandboxed preload is CommonJS in one file, whatever the package says.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: `${root}/renderer`,
    plugins: [react()],
    build: {
      outDir: `${root}/out/renderer`,
      emptyOutDir: true,
      minify: true,
      rolldownOptions: { input: `${root}/renderer/index.html` },
    },
  },
});
