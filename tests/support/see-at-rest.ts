import { expect, type Page } from '@playwright/test';
import { decode } from 'fast-png';

/** A part of the page, CSS pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a part of the page showed. */
export interface Seen {
  /** The red, green and blue of the pixel of the page at a place inside the area. */
  colourAt(x: number, y: number): readonly [number, number, number];
}

/** Longer than a picture that was drawn roughly stays when nothing moves any more, ms. */
const PAUSE_MS = 400;

/** How long a busy machine may take until a page rests, ms. */
const PATIENCE_MS = 60_000;

/**
 * See a part of the page when it has come to rest: two pictures of it, a pause apart, are the same.
 *
 * @throws when it never rests.
 */
export async function seeAtRest(page: Page, area: Area): Promise<Seen> {
  const [left, top] = [Math.floor(area.x), Math.floor(area.y)];
  const clip = {
    x: left,
    y: top,
    width: Math.ceil(area.x + area.width) - left,
    height: Math.ceil(area.y + area.height) - top,
  };
  await waitForFrames(page);
  let picture = await page.screenshot({ clip });
  await expect(async () => {
    await page.waitForTimeout(PAUSE_MS);
    const before = picture;
    picture = await page.screenshot({ clip });
    expect(picture.equals(before), 'the page rests').toBe(true);
  }).toPass({ timeout: PATIENCE_MS, intervals: [0] });
  const { data, width, channels } = decode(picture);
  return {
    colourAt: (x, y) => {
      const at = ((Math.floor(y) - top) * width + Math.floor(x) - left) * channels;
      return [data[at]!, data[at + 1]!, data[at + 2]!];
    },
  };
}

/** Wait until what was changed has been drawn, and the frame after: the one was shown then. */
export async function waitForFrames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/** Wait until the screen is there, nothing on it is still to come, and what moves on it has arrived. */
export async function waitForRest(page: Page): Promise<void> {
  await expect(page.locator('.screen').first()).toBeVisible();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await waitForFrames(page);
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          document
            .getAnimations()
            .filter(
              ({ playState, effect }) =>
                playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY,
            ).length,
      ),
    )
    .toBe(0);
}
