/**
 * Measure the viewer: `npm run bench:viewer [-- --sizes 4096,8192,16384 --repeat 3 --keys 220]`; `--sizes=` leaves images out.
 *
 * Serves a workspace, opens the window in Chromium and prints, for plain 32-bit images of each size, the time from the
 * key that opens a file until its first pixels are on the screen, and from the key for 1:1 until every pixel of the
 * pane is one of the image. Cold: the file's pages are dropped from the system's cache first (posix_fadvise with
 * DONTNEED, by GNU dd); warm: it was read just before. The window is loaded anew for each, so that it remembers
 * nothing. Then, on a field of 230 candidates, what a key costs (see viewer-labelling.ts; `--keys 0` leaves it out).
 * Frames per second are measured where a graphics card draws, and with `--frames` anywhere (see viewer-frames.ts).
 *
 * `--gpu` draws with the graphics card, else a processor stands in for it: the first lines say who drew. The browser is
 * `--chromium PATH`, else $CHROMIUM, else the `chromium` of the system; `--browser-args="--a --b=c"` gives it more
 * arguments, which stand instead of usual ones of the same name (`--use-angle=gl-egl` where there is no Vulkan).
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { writeImage } from '../support/write-image.ts';
import { measureDrag, measureMarkers, seedStars } from './viewer-frames.ts';
import { measureLabelling } from './viewer-labelling.ts';
import { ms, quantile } from './viewer-numbers.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '4096,8192,16384' },
    repeat: { type: 'string', default: '3' },
    keys: { type: 'string', default: '220' },
    gpu: { type: 'boolean', default: false },
    frames: { type: 'boolean', default: false },
    chromium: { type: 'string' },
    'browser-args': { type: 'string', default: '' },
  },
});
const sizes = values.sizes.split(',').filter(Boolean).map(Number);
const repeat = Number(values.repeat);
const folder = mkdtempSync(join(tmpdir(), 'astrid-bench-viewer-'));

/** A sky of noise with stars, the same for every size. */
function skyAt(x: number, y: number): number {
  const noise = ((Math.imul(x + 1, 2654435761) ^ Math.imul(y + 1, 2246822519)) >>> 0) / 2 ** 32;
  const [dx, dy] = [(x % 97) - 48, (y % 89) - 44];
  return 1000 + 35 * (noise - 0.5) + 4000 * Math.exp(-(dx * dx + dy * dy) / 8);
}

/** Rows that are made; the image repeats them. */
const MADE_ROWS = 128;

function writeSky(path: string, side: number): void {
  writeImage(path, { width: side, height: side });
  const rows = Buffer.alloc(4 * side * MADE_ROWS);
  for (let y = 0; y < MADE_ROWS; y++)
    for (let x = 0; x < side; x++) rows.writeFloatBE(skyAt(x, y), 4 * (y * side + x));
  const file = openSync(path, 'r+');
  const headerBytes = statSync(path).size - Math.ceil((4 * side * side) / 2880) * 2880;
  for (let y = 0; y < side; y += MADE_ROWS) writeSync(file, rows, 0, rows.length, headerBytes + 4 * side * y);
  closeSync(file);
}

function dropFromCache(path: string): void {
  // Pages that wait to be written cannot be dropped: they are written first.
  execFileSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'if=/dev/null'], {
    stdio: 'ignore',
  });
}

function warmUp(path: string): void {
  execFileSync('dd', [`if=${path}`, 'of=/dev/null', 'bs=1M'], { stdio: 'ignore' });
}

async function serve(workspace: string): Promise<{ readonly address: string; close(): Promise<void> }> {
  const host = spawn(process.execPath, ['core/cli/bin.mjs', 'serve', '--no-open', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  process.once('exit', () => host.kill('SIGKILL'));
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

/** What a clock waits for: something on the page, or that it is gone; nothing is the next frame. */
interface Sign {
  readonly selector?: string;
  readonly isThere?: boolean;
}

/** Start a clock at the next press of a key; it stops when a sign, looked for in every frame, is given. */
async function timeKey(page: Page, key: string, sign: Sign = {}): Promise<number> {
  await page.evaluate(
    ([name, { selector, isThere }]) => {
      const isReady = (): boolean =>
        selector === undefined || (document.querySelector(selector) !== null) === isThere;
      const time = new Promise<number>((resolve) => {
        const hear = (event: KeyboardEvent): void => {
          if (event.key !== name) return;
          removeEventListener('keydown', hear, true);
          const start = performance.now();
          let frames = 0;
          const look = (): void => {
            // The first frame only begins to draw what was asked for.
            if (frames++ > 0 && isReady()) {
              const channel = new MessageChannel();
              channel.port1.onmessage = () => resolve(performance.now() - start);
              channel.port2.postMessage(undefined);
            } else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        };
        addEventListener('keydown', hear, true);
      });
      Object.assign(globalThis, { keyTime: time });
    },
    [key, sign] as const,
  );
  // The clock listens before the key is pressed, however busy the machine is.
  await page.keyboard.press(key);
  return page.evaluate(() => Reflect.get(globalThis, 'keyTime') as Promise<number>);
}

const SHOWN = { selector: '.pane-caption .mono', isThere: true };
const IS_NATIVE = { selector: '.field-pane .pixel-notes span[title*="stands for"]', isThere: false };

async function openWindow(browser: Browser, address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('.rail-button').first().waitFor();
  await page.waitForTimeout(900);
  return page;
}

async function timeImage(
  browser: Browser,
  address: string,
  path: string,
): Promise<{ readonly first: number; readonly native: number }> {
  const page = await openWindow(browser, address);
  await page.keyboard.press('Control+o');
  await page.getByLabel('FITS file').fill(path);
  const first = await timeKey(page, 'Enter', SHOWN);
  const native = await timeKey(page, '1', IS_NATIVE);
  await page.context().close();
  return { first, native };
}

async function measureImages(browser: Browser): Promise<void> {
  const { address, close } = await serve(join(folder, 'images'));
  process.stdout.write('\nimage          file       first pixels         native 1:1\n');
  process.stdout.write('                        cold      warm      cold      warm\n');
  for (const side of sizes) {
    const path = join(folder, `${side}.fits`);
    writeSky(path, side);
    const found: Record<'cold' | 'warm', { first: number[]; native: number[] }> = {
      cold: { first: [], native: [] },
      warm: { first: [], native: [] },
    };
    for (let pass = 0; pass < repeat; pass++)
      for (const state of ['cold', 'warm'] as const) {
        if (state === 'cold') dropFromCache(path);
        else warmUp(path);
        process.stderr.write(`${side} ${state} ${pass + 1}/${repeat}\r`);
        const { first, native } = await timeImage(browser, address, path);
        found[state].first.push(first);
        found[state].native.push(native);
      }
    const size = `${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`.padStart(9);
    const times = [found.cold.first, found.warm.first, found.cold.native, found.warm.native];
    process.stdout.write(
      `${`${side}²`.padEnd(10)}${size} ${times.map((each) => ms(quantile(each, 0.5))).join(' ')}\n`,
    );
    rmSync(path);
  }
  await close();
}

async function measureFrames(browser: Browser): Promise<void> {
  process.stdout.write('\n');
  const image = await serve(join(folder, 'frames'));
  const path = join(folder, 'frames.fits');
  writeSky(path, 8192);
  const window = await openWindow(browser, image.address);
  await window.keyboard.press('Control+o');
  await window.getByLabel('FITS file').fill(path);
  await timeKey(window, 'Enter', SHOWN);
  await timeKey(window, '1', IS_NATIVE);
  await measureDrag(window, '8192² at 1:1');
  await window.context().close();
  await image.close();

  const stars = join(folder, 'stars');
  seedStars(stars);
  const field = await serve(stars);
  const page = await openWindow(browser, field.address);
  await measureMarkers(page);
  await page.context().close();
  await field.close();
}

/** What draws: a graphics card by its name, or a processor that stands in for one. */
async function nameRenderer(browser: Browser): Promise<string> {
  const page = await browser.newPage();
  const renderer = await page.evaluate(() => {
    const gl = document.createElement('canvas').getContext('webgl2');
    const names = gl?.getExtension('WEBGL_debug_renderer_info');
    return gl && names ? String(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : 'no WebGL2';
  });
  await page.close();
  return renderer;
}

const SOFTWARE = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const CARD = ['--use-gl=angle', '--enable-gpu', '--ignore-gpu-blocklist'];
/**
 * Linux draws with Vulkan, which needs no display; elsewhere the browser knows best. The browser's own drawing stays on
 * OpenGL over it: on Vulkan, without a display, the processor puts the page together and fetches what the card has drawn.
 */
const LINUX_CARD = ['--use-angle=vulkan', '--enable-gpu-rasterization'];

/** What the browser is started with; what was asked for by hand comes last and wins. */
function browserArguments(): readonly string[] {
  const asked = values['browser-args'].split(/\s+/).filter(Boolean);
  const names = asked.map((argument) => argument.split('=')[0]);
  const card = process.platform === 'linux' ? [...CARD, ...LINUX_CARD] : CARD;
  const usual = (values.gpu ? card : SOFTWARE).filter((argument) => !names.includes(argument.split('=')[0]));
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...usual, ...asked];
}

function findChromium(): string {
  return (
    values.chromium ??
    process.env.CHROMIUM ??
    execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
  );
}

const [processor] = cpus();
process.stdout.write(`${processor?.model.trim()} x ${cpus().length}; medians of ${repeat}\n`);
const browser = await chromium.launch({ executablePath: findChromium(), args: [...browserArguments()] });
try {
  const renderer = await nameRenderer(browser);
  process.stdout.write(`drawn by ${renderer}\n`);
  const isSoftware = /swiftshader|llvmpipe|softpipe|basic render|no WebGL2/i.test(renderer);
  if (values.gpu && isSoftware)
    process.stdout.write('--gpu: the browser found no graphics card that it can use\n');
  if (sizes.length > 0) await measureImages(browser);
  if (Number(values.keys) > 0)
    await measureLabelling({
      browser,
      folder: join(folder, 'known'),
      keys: Number(values.keys),
      serve,
      openWindow,
    });
  if (values.frames || !isSoftware) await measureFrames(browser);
} finally {
  await browser.close();

  rmSync(folder, { recursive: true, force: true });
}
