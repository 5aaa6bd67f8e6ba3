/**
 * What a key costs on the labelling screen, part by part.
 *
 * The next candidate: the time from the key to the end of the work on its frame, and what it is made of: the key's own
 * work (handlers, React); the wait until its frame begins; the work on that frame (layout, paint, what the canvas asks of
 * the graphics card). A key has missed a frame when one began after it that did not show its candidate. Then the time
 * until the frame is on the screen as the browser tells it, in steps of 8 ms, which without a graphics card waits for a
 * processor that draws all of the window. Beside them the processor time of a key by who spends it, and what a page costs
 * that draws nothing but one changed word: the floor of this machine.
 *
 * Nothing may ask for another frame here: from a key until no frame is due the browser puts off everything else, and the
 * clock would stop with the next turn of the screen instead of the end of the work.
 *
 * A label: from the request to the answer that it is on the disk, as the window sees it, and what it is made of: the
 * core, from the moment that the decision reaches it until it is fsynced and answered; the way there and back; the
 * window, which sends and reads. Then from the answer to the frame with the next candidate. In turn with each label a
 * page of 16 KiB is appended to a file beside the workspace and fsynced: the floor of this disk.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { Browser, CDPSession, Page } from '@playwright/test';
import { ms, quantile } from './viewer-numbers.ts';

/** How a person labels quickly, ms between keys; faster keys only wait for one another. */
const PACE_MS = 300;
const LABELS = 100;
const FLOOR_FRAMES = 30;
/** The shortest time to the screen that the browser tells, ms. */
const SOONEST_MS = 16;
/** Between two frames of a screen, ms. */
const FRAME_MS = 1000 / 60;

/** What the window and the processes behind it are served by. */
interface Bench {
  readonly browser: Browser;
  readonly folder: string;
  readonly keys: number;
  serve(workspace: string): Promise<{ readonly address: string; close(): Promise<void> }>;
  openWindow(browser: Browser, address: string): Promise<Page>;
}

/** Measure keys on a field whose every pixel is known, and print them. */
export async function measureLabelling({ browser, folder, keys, serve, openWindow }: Bench): Promise<void> {
  execFileSync(process.execPath, ['tests/support/seed-field.ts', folder], { stdio: 'ignore' });
  const { address, close } = await serve(folder);
  const page = await openWindow(browser, address);
  await page.locator('.run-row').nth(1).waitFor();
  await page.keyboard.press('Shift+Enter');
  await page.locator('.cutout-pane').nth(2).waitFor();
  await page.waitForTimeout(2500);
  const spent = await watchProcessors(browser, page);
  await watchKeys(page);

  const floor = await spent(FLOOR_FRAMES, () => changeOneWord(page));
  const next = await spent(keys, () => press(page, keys, () => 'ArrowRight'));
  const keyed = await readTimes(page);
  // Keys that were on the screen sooner than the browser tells.
  while (keyed.shown.length < keyed.own.length) keyed.shown.push(SOONEST_MS);
  print('next candidate, key to its frame', keyed.own);
  print('  the key: handlers, React', keyed.handled);
  print('  until the next frame begins', keyed.waited);
  print('  the frame: layout, paint, drawing calls', keyed.drawn);
  print('next candidate, key to the screen', keyed.shown);
  const late = keyed.began.filter((began) => began > FRAME_MS + 1).length;
  process.stdout.write(`keys that missed a frame: ${late} of ${keyed.began.length}\n`);
  const parts = Object.entries(next).map(([part, value]) => `${part} ${value.toFixed(1)}`);
  process.stdout.write(`processor of a key, ms: ${parts.join(', ')}\n`);
  const bare = Object.entries(floor).map(([part, value]) => `${part} ${value.toFixed(1)}`);
  process.stdout.write(`of one changed word:    ${bare.join(', ')}\n`);

  await page.keyboard.press('Home');
  for (let i = 0; i < keys; i++) await page.keyboard.press('ArrowLeft');
  await page.waitForTimeout(2000);
  await readTimes(page);
  const disk: number[] = [];
  const file = openSync(`${folder}.bare`, 'w');
  const block = Buffer.alloc(16_384, 1);
  await press(page, LABELS, (i) => {
    const start = performance.now();
    writeSync(file, block);
    fsyncSync(file);
    disk.push(performance.now() - start);
    return i % 3 === 0 ? 'b' : 'r';
  });
  closeSync(file);
  await page.waitForTimeout(1000);
  const labels = await readTimes(page);
  print('label on disk, request to answer', labels.saved);
  print('  the core: to fsync and answer', labels.core);
  print('  the way there and back', labels.way);
  print('  the window: sending and reading', labels.window);
  print('16 KiB appended and fsynced beside it', disk);
  print('from the answer to the next candidate', labels.turned);
  await close();
}

async function press(page: Page, count: number, keyOf: (i: number) => string): Promise<void> {
  for (let i = 0; i < count; i++) {
    await page.keyboard.press(keyOf(i));
    await page.waitForTimeout(PACE_MS);
  }
}

/** One number a key or a label, ms. */
interface Times {
  readonly own: number[];
  readonly handled: number[];
  readonly began: number[];
  readonly waited: number[];
  readonly drawn: number[];
  readonly shown: number[];
  readonly saved: number[];
  readonly core: number[];
  readonly way: number[];
  readonly window: number[];
  readonly turned: number[];
}

async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const names = 'own handled began waited drawn shown saved core way window turned'.split(' ');
    const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as unknown as Times;
    Object.assign(globalThis, { keyTimes: times });
    /** When the work that is under way is done. */
    const afterThis = (then: () => void): void => {
      const channel = new MessageChannel();
      channel.port1.onmessage = then;
      channel.port2.postMessage(undefined);
    };
    // The last listener of all: React has done its work when it is called.
    let handled = 0;
    addEventListener('keydown', ({ timeStamp }) => {
      handled = performance.now() - timeStamp;
    });
    addEventListener(
      'keydown',
      ({ timeStamp }) => {
        const now = (): number => performance.now() - timeStamp;
        requestAnimationFrame(() => {
          const began = now();
          times.handled.push(handled);
          times.began.push(began);
          times.waited.push(began - handled);
          afterThis(() => {
            const own = now();
            times.own.push(own);
            times.drawn.push(own - began);
          });
        });
      },
      true,
    );
    const quickest: PerformanceObserverInit & { readonly durationThreshold: number } = {
      type: 'event',
      durationThreshold: 16,
    };
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'keydown') times.shown.push(duration);
    }).observe(quickest);
    const sent: number[] = [];
    const pair = (): void => {
      for (let i = times.window.length; i < Math.min(sent.length, times.saved.length); i++)
        times.window.push(times.saved[i]! - sent[i]!);
    };
    performance.setResourceTimingBufferSize(10_000);
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.name === 'astrid:label-on-disk') times.saved.push(entry.duration);
        if (entry.name === 'astrid:next-candidate') times.turned.push(entry.duration);
        if (entry.name.endsWith('/curation/events')) {
          const { requestStart, responseEnd, serverTiming } = entry as PerformanceResourceTiming;
          const core = serverTiming.find(({ name }) => name === 'core')?.duration ?? Number.NaN;
          sent.push(responseEnd - requestStart);
          times.core.push(core);
          times.way.push(responseEnd - requestStart - core);
        }
      }
      pair();
    }).observe({ entryTypes: ['measure', 'resource'] });
  });
}

/** What was measured since this was asked last. */
async function readTimes(page: Page): Promise<Times> {
  return page.evaluate(() => {
    const times = Reflect.get(globalThis, 'keyTimes') as Times;
    return Object.fromEntries(
      Object.entries(times).map(([name, numbers]) => [name, numbers.splice(0)]),
    ) as unknown as Times;
  });
}

async function changeOneWord(page: Page): Promise<void> {
  await page.evaluate(
    (frames) =>
      new Promise<void>((resolve) => {
        const word = document.querySelector('.pace .number')!;
        const said = word.textContent;
        let left = frames;
        const change = (): void => {
          word.textContent = left % 2 === 0 ? said : `${said} `.trim().padEnd(4, '.');
          if (left-- > 0) requestAnimationFrame(change);
          else {
            word.textContent = said;
            resolve();
          }
        };
        requestAnimationFrame(change);
      }),
    FLOOR_FRAMES,
  );
}

/** Tell the processor time of a part of what is done, ms, by who spends it. */
async function watchProcessors(
  browser: Browser,
  page: Page,
): Promise<(count: number, work: () => Promise<void>) => Promise<Record<string, number>>> {
  const [whole, window] = [await browser.newBrowserCDPSession(), await page.context().newCDPSession(page)];
  await window.send('Performance.enable', { timeDomain: 'threadTicks' });
  const read = async (): Promise<Record<string, number>> => {
    const { metrics } = await window.send('Performance.getMetrics');
    const secondsOf = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
    const script = secondsOf('ScriptDuration');
    const layout = secondsOf('LayoutDuration') + secondsOf('RecalcStyleDuration');
    return {
      scripts: 1000 * script,
      'style and layout': 1000 * layout,
      'paint and the rest of the window': 1000 * (secondsOf('TaskDuration') - script - layout),
      'drawing and compositing': 1000 * (await secondsOfDrawing(whole)),
    };
  };
  return async (count, work) => {
    const before = await read();
    await work();
    const after = await read();
    return Object.fromEntries(
      Object.entries(after).map(([part, value]) => [part, (value - before[part]!) / count]),
    );
  };
}

async function secondsOfDrawing(whole: CDPSession): Promise<number> {
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'GPU').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

function print(name: string, times: readonly number[]): void {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => ms(quantile(times, part)));
  process.stdout.write(`${name.padEnd(40)} p50 ${p50}   p95 ${p95}   p99 ${p99}   (${times.length})\n`);
}
