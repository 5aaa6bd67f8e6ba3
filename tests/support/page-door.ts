import type { Page } from '@playwright/test';
import type { Answer, Door } from '../conformance/behaviours.ts';

/** Ask from inside a page, as the window does; the line works behind it. */
export function openPageDoor(page: Page): Door {
  return {
    worksQueue: true,
    ask: async (path, { method = 'GET', headers = {}, body } = {}) => {
      const answer = await page.evaluate(
        async ({ path, init }) => {
          const response = await fetch(path, init);
          const bytes = [...new Uint8Array(await response.arrayBuffer())];
          return { status: response.status, headers: Object.fromEntries(response.headers), bytes };
        },
        {
          path,
          init: {
            // The door is asked, not the browser's cache.
            cache: 'no-store' as const,
            method,
            headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          },
        },
      );
      return { ...answer, bytes: Uint8Array.from(answer.bytes) } satisfies Answer;
    },
    listen: (path, until, headers = {}) =>
      page.evaluate(
        async ({ path, until, headers }) => {
          const response = await fetch(path, { headers });
          const reader = response.body!.getReader();
          const decoder = new TextDecoder();
          let text = '';
          while (!text.includes(until)) {
            const { done, value } = await reader.read();
            if (done) break;
            text += decoder.decode(value, { stream: true });
          }
          await reader.cancel();
          return text;
        },
        { path, until, headers },
      ),
  };
}
