/**
 * How often the window draws while an image is dragged: an 8192² image at 1:1, and a field with 100,000 stars of a
 * catalogue marked on each of its panes, all of them in view.
 *
 * A frame is one in which the canvas was drawn, not one in which the window was merely awake. Beside the rate: how far
 * frames lie apart, and how many came later than the next but one turn of the screen.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { ReferenceStars } from '../../core/domains/catalog/index.ts';
import { createRandom } from '../../core/utils/index.ts';
import { FIELD } from '../support/known-field.ts';
import { formatPanstarrs } from '../support/list-known-sky.ts';
import { ms, quantile } from './viewer-numbers.ts';

const STARS = 100_000;
const DRAG_MS = 4000;
/** Between two turns of a screen of 60 Hz, ms. */
const TURN_MS = 1000 / 60;

/** Fill a workspace with the known field, and the sky over it with stars. */
export function seedStars(folder: string): void {
  execFileSync(process.execPath, ['tests/support/seed-field.ts', folder], { stdio: 'ignore' });
  const table = join(folder, 'stars.csv');
  writeFileSync(table, formatPanstarrs(strewStars()));
  execFileSync(process.execPath, ['core/cli/bin.mjs', 'catalog', 'import', table, '--workspace', folder], {
    stdio: 'ignore',
  });
}

function strewStars(): ReferenceStars {
  const random = createRandom(7);
  const degrees = FIELD.scaleArcsec / 3600;
  // Coordinates are rounded when they are written: a pixel from the edge they stay inside.
  const raDeg = Float64Array.from(
    { length: STARS },
    () => FIELD.raDeg - (1 + (FIELD.width - 3) * random.uniform()) * degrees,
  );
  const decDeg = Float64Array.from(
    { length: STARS },
    () => FIELD.decDeg + (1 + (FIELD.height - 3) * random.uniform()) * degrees,
  );
  const same = (value: number): Float32Array => new Float32Array(STARS).fill(value);
  return {
    count: STARS,
    epochYr: 2016,
    raDeg,
    decDeg,
    pmRaMasYr: same(Number.NaN),
    pmDecMasYr: same(Number.NaN),
    bands: (['g', 'r', 'i'] as const).map((band) => ({ band, mag: same(18), magErr: same(0.01) })),
    isVariable: new Uint8Array(STARS),
    ids: Array.from({ length: STARS }, (_, k) => String(190_361_393_344_112_000n + BigInt(k))),
  };
}

/** Open the field and mark its stars; drag it with one pane, then with four. */
export async function measureMarkers(page: Page): Promise<void> {
  await page.locator('.run-row').nth(1).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('img', { name: /^Science image/ }).waitFor();
  await page.keyboard.press('Alt+t');
  await page.keyboard.press('2');
  await page.locator('.layer-note', { hasText: /100.000/ }).waitFor();
  await page.keyboard.press('Escape');
  // From four panes to one.
  for (const panes of [1, 4]) {
    for (const key of panes === 1 ? ['v', 'v'] : ['v']) await page.keyboard.press(key);
    await page
      .locator('.image-surface')
      .nth(panes - 1)
      .waitFor();
    await measureDrag(
      page,
      `${STARS.toLocaleString('en')} markers on ${panes === 1 ? 'one pane' : `each of ${panes} panes`}`,
    );
  }
}

/**
 * Move the pressed pointer once in every frame, as a mouse does; runs in the page, since moves that are sent to it come
 * when their answers have come back, which is every second frame at best.
 */
function dragByPage(drag: {
  readonly middleX: number;
  readonly middleY: number;
  readonly dragMs: number;
}): Promise<void> {
  const surface = document.elementFromPoint(drag.middleX, drag.middleY)!;
  return new Promise((resolve) => {
    const start = performance.now();
    let i = 0;
    const move = (): void => {
      if (performance.now() - start > drag.dragMs) {
        resolve();
        return;
      }
      i++;
      surface.dispatchEvent(
        new PointerEvent('pointermove', {
          bubbles: true,
          pointerId: 1,
          pointerType: 'mouse',
          isPrimary: true,
          button: -1,
          buttons: 1,
          clientX: drag.middleX + 60 * Math.sin(i / 10),
          clientY: drag.middleY + 40 * Math.sin(i / 17),
        }),
      );
      requestAnimationFrame(move);
    };
    requestAnimationFrame(move);
  });
}

/** Drag the first pane to and fro and print how often the canvas was drawn meanwhile. */
export async function measureDrag(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    const drawn: number[] = [];
    const gl = WebGL2RenderingContext.prototype;
    const clear = Reflect.get(globalThis, 'bareClear') ?? gl.clear;
    gl.clear = function (this: WebGL2RenderingContext, bits: number) {
      const frame = Number(document.timeline.currentTime);
      if (drawn.at(-1) !== frame) drawn.push(frame);
      clear.call(this, bits);
    };
    Object.assign(globalThis, { bareClear: clear, drawnFrames: drawn });
  });
  const { x, y, width, height } = (await page.locator('.image-surface').first().boundingBox())!;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  await page.mouse.move(middleX, middleY);
  await page.waitForTimeout(500);
  // What was drawn before is on the screen; now the clock may start.
  for (let i = 0; i < 3; i++)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  await page.mouse.down();
  await page.evaluate(() => {
    (Reflect.get(globalThis, 'drawnFrames') as number[]).length = 0;
  });
  await page.evaluate(dragByPage, { middleX, middleY, dragMs: DRAG_MS });
  await page.mouse.up();
  const drawn = await page.evaluate(() => Reflect.get(globalThis, 'drawnFrames') as number[]);
  if (drawn.length < 2) {
    process.stdout.write(`${name.padEnd(40)} ${drawn.length} frames in ${DRAG_MS / 1000} s\n`);
    return;
  }
  const gaps = drawn.slice(1).map((at, i) => at - drawn[i]!);
  const rate = (1000 * gaps.length) / (drawn.at(-1)! - drawn[0]!);
  const late = gaps.filter((gap) => gap > 1.5 * TURN_MS).length;
  process.stdout.write(
    `${name.padEnd(40)} ${rate.toFixed(1)} frames per second, apart p50 ${ms(quantile(gaps, 0.5)).trim()}, ` +
      `p99 ${ms(quantile(gaps, 0.99)).trim()}; ${late} of ${gaps.length} late\n`,
  );
}
