/**
 * What a key costs on the labelling screen, part by part.
 *
 * The next candidate: the window's own time, from the key to the end of the work on its frame (handlers, React, layout,
 * paint, what the canvas asks of the graphics card), and the time until the frame after it, which without a graphics
 * card waits for a processor that draws. Beside them the processor time of a key by who spends it, and what a page
 * costs that draws nothing but one changed word: the floor of this machine.
 *
 * A label: from the request to the answer that it is on the disk, and from the answer to the frame with the next
 * candidate. In turn with each label a page of 16 KiB is appended to a file beside the workspace and fsynced: the floor
 * of this disk.
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
  const { own, shown } = await readTimes(page);
  print('next candidate, own time to its frame', own);
  print('next candidate, key to the frame after', shown);
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

interface Times {
  readonly own: number[];
  readonly shown: number[];
  readonly saved: number[];
  readonly turned: number[];
}

async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times = { own: [], shown: [], saved: [], turned: [] } as unknown as Times;
    Object.assign(globalThis, { keyTimes: times });
    addEventListener(
      'keydown',
      ({ timeStamp }) =>
        requestAnimationFrame(() => {
          // A message comes when the work on this frame is done.
          const channel = new MessageChannel();
          channel.port1.onmessage = () => times.own.push(performance.now() - timeStamp);
          channel.port2.postMessage(undefined);
          requestAnimationFrame(() => times.shown.push(performance.now() - timeStamp));
        }),
      true,
    );
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) {
        if (name === 'astrid:label-on-disk') times.saved.push(duration);
        if (name === 'astrid:next-candidate') times.turned.push(duration);
      }
    }).observe({ type: 'measure' });
  });
}

/** What was measured since this was asked last. */
async function readTimes(page: Page): Promise<Times> {
  return page.evaluate(() => {
    const times = Reflect.get(globalThis, 'keyTimes') as Times;
    return {
      own: times.own.splice(0),
      shown: times.shown.splice(0),
      saved: times.saved.splice(0),
      turned: times.turned.splice(0),
    };
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
