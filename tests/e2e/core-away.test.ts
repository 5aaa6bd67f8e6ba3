import { expect, type Page, type Route, test } from '@playwright/test';
import { FIELD } from '../support/known-field.ts';
import { type ServedField, serveKnownField } from '../support/open-browser.ts';

// What one test leaves on the screen the next one begins with.
test.describe.configure({ mode: 'serial' });

let served: ServedField;
let page: Page;
/** The run of the known field, and one behind it in the list that has failed. */
let known: string;

const away = (route: Route): Promise<void> => route.abort('connectionrefused');
const heading = (name: string) => page.getByRole('heading', { level: 1, name });

test.beforeAll(async () => {
  served = await serveKnownField(test.info().project.use.launchOptions);
  page = await served.open();
  known = await page.evaluate(async () => {
    const { items } = await (await fetch('/api/v1/runs?status=done')).json();
    const body = JSON.stringify({ sciencePath: '/nowhere/second.fits', templatePath: '/nowhere/other.fits' });
    await fetch('/api/v1/runs', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return items[0].id;
  });
  await page.getByText('1 failed').first().waitFor();
});

test.afterAll(() => served.close());

test('a decision that was not saved is tried again for its own difference, whatever is on screen', async () => {
  await page.goto(`${new URL(page.url()).origin}/#/difference/${known}`);
  await expect(heading('known field')).toBeVisible();
  await expect(page.locator('.decision-state')).toContainText('Nobody has decided');
  const posted: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/reviews')) posted.push(request.url());
  });
  await page.route('**/reviews', away);
  await page.keyboard.press('Shift+C');
  await page.keyboard.type('clouds');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+R');
  const note = page.getByRole('alert').filter({ hasText: 'network/unreachable' });
  await expect(note).toBeVisible();
  await page.keyboard.press('Shift+P');
  await expect(heading('known field')).toHaveCount(0);
  await expect(note).toContainText('known field: The core of AstrID does not answer');
  await page.keyboard.press('Shift+C');
  await page.keyboard.type('for the other');
  await page.keyboard.press('Escape');
  await page.unroute('**/reviews', away);
  await page.keyboard.press('F5');
  await expect(note).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Comment on the decision' })).toHaveValue('for the other');
  await expect(page.locator('.decision-state')).toContainText('Nobody has decided');
  await page.keyboard.press('Shift+N');
  await expect(page.locator('.decision-state')).toContainText('clouds');
  expect(posted).toHaveLength(2);
  for (const url of posted) expect(url).toContain(known);
});

test('candidates that could not be read are told so, and not that there are none', async () => {
  await page.route('**/api/v1/candidates?*', away);
  await page.goto(`${new URL(page.url()).origin}/#/field/${known}`);
  await page.reload();
  const note = page.getByRole('alert').filter({ hasText: 'network/unreachable' });
  await expect(note).toBeVisible();
  await expect(page.getByText('Nothing changed here')).toHaveCount(0);
  await page.keyboard.press('Control+3');
  await expect(note).toBeVisible();
  await expect(page.getByText('Nothing was detected here')).toHaveCount(0);
  await page.unroute('**/api/v1/candidates?*', away);
  await page.keyboard.press('F5');
  await expect(note).toHaveCount(0);
  await expect(page.locator('.review-side')).toContainText(`all ${FIELD.candidates + 3}`);
});

test('a field that was gone to without a name stays when another one is done', async () => {
  await page.goto(`${new URL(page.url()).origin}/#/field`);
  await page.reload();
  await expect(heading('known field')).toBeVisible();
  await expect(page.locator('.candidate-row[id]').first()).toBeVisible();
  // The other run is done now: it is the newest.
  await page.route('**/api/v1/runs?*', async (route) => {
    const answer = await route.fetch();
    const list = await answer.json();
    for (const run of list.items) run.status = 'done';
    await route.fulfill({ response: answer, json: list });
  });
  const told = page.waitForResponse((response) => response.url().includes('/api/v1/runs?'));
  await page.evaluate(async () => {
    const { items } = await (await fetch('/api/v1/runs')).json();
    await fetch(`/api/v1/runs/${items[0].id}/retry`, { method: 'POST' });
  });
  await told;
  await page.waitForTimeout(500);
  await expect(heading('known field')).toBeVisible();
  await page.keyboard.press('Control+4');
  await page.unrouteAll({ behavior: 'wait' });
});

test('a candidate that was chosen is gone to once, and a list without it says so', async () => {
  const candidates = await page.evaluate(
    async (runId) => (await (await fetch(`/api/v1/candidates?runId=${runId}&limit=9`)).json()).items,
    known,
  );
  const { id, xPx, yPx } = candidates[6];
  const measures = page.locator('.measures');
  const place = `x y${(xPx + 1).toFixed(1)} ${(yPx + 1).toFixed(1)}`;
  await page.goto(`${new URL(page.url()).origin}/#/label/${known}/${id}`);
  await expect(measures).toContainText(place);
  await page.keyboard.press('ArrowRight');
  await expect(measures).not.toContainText(place);
  await page.keyboard.press('Shift+T');
  await expect(page.getByRole('button', { name: /^scores/ })).toBeVisible();
  await expect(measures).not.toContainText(place);
  await page.keyboard.press('Shift+T');
  await expect(page.getByRole('button', { name: /^blind/ })).toBeVisible();
  await page.keyboard.press('d');
  await expect(heading('Disagreements')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(measures).toBeVisible();
  await expect(measures).not.toContainText(place);
  await page.goto(`${new URL(page.url()).origin}/#/label/${known}/${known}`);
  await expect(page.getByRole('alert')).toContainText('is not in this list');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(measures).toBeVisible();
});

test('the window works on where the network is gone: the core is on this machine', async () => {
  await page.evaluate(() => window.dispatchEvent(new Event('offline')));
  await page.keyboard.press('Control+5');
  await expect(page.locator('.catalog-row[id]').first()).toBeVisible();
});

test('a chosen row is opened only when it is here', async () => {
  const rows = (route: Route): Promise<void> =>
    route.request().url().includes('offset=200') ? route.abort('connectionrefused') : route.continue();
  await page.route('**/api/v1/catalog/**', rows);
  await page.keyboard.press('Home');
  await expect(page.getByRole('button', { name: 'Field Enter' })).toBeEnabled();
  await page.keyboard.press('End');
  await expect(page.getByRole('button', { name: 'Field Enter' })).toBeDisabled();
  await page.keyboard.press('Enter');
  await expect(heading('Catalog')).toBeVisible();
  await page.unroute('**/api/v1/catalog/**', rows);
});

test('a dialog that is closed gives the focus back', async () => {
  const table = page.locator('.catalog-table');
  await table.focus();
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(table).toBeFocused();
});

test('a log that was refused is read when the core lets it be read', async () => {
  let refusals = 0;
  await page.route('**/api/v1/events?runId=*', (route) =>
    ++refusals <= 2 ? route.fulfill({ status: 503, body: '' }) : route.continue(),
  );
  await page.keyboard.press('Control+6');
  await expect(page.locator('.log-lines li').first()).toBeVisible();
  expect(refusals).toBeGreaterThan(2);
});

test('a window that the core does not know is told to open the new address', async () => {
  const strange = (route: Route): Promise<void> => route.fulfill({ status: 401, body: '' });
  await page.route('**/api/v1/events', strange);
  await page.reload();
  await expect(page.locator('.status-bar')).toContainText('open the new address');
  await page.unroute('**/api/v1/events', strange);
  await expect(page.locator('.status-bar')).toContainText('live');
});

test('settings that are not on disk yet stay on screen, and two of one group are both written', async () => {
  const settings = (): Promise<{ appearance: { theme: string; scalePercent: number } }> =>
    page.evaluate(async () => (await fetch('/api/v1/settings')).json());
  const theme = (): Promise<string | undefined> =>
    page.evaluate(() => document.documentElement.dataset.theme);
  // The line breaks and comes back again and again: after each gap the settings are asked for anew.
  const breaks = (route: Route): Promise<void> =>
    route.fulfill({ contentType: 'text/event-stream', body: 'retry: 200\n\n' });
  await page.route('**/api/v1/events', breaks);
  await page.route('**/api/v1/settings/*', away);
  await page.reload();
  await expect(heading('Jobs')).toBeVisible();
  await page.waitForResponse('**/api/v1/settings');
  const before = await settings();
  await page.keyboard.press('Shift+F9');
  const changed = await theme();
  expect(changed).not.toBe(before.appearance.theme);
  for (let n = 0; n < 3; n++) await page.waitForResponse('**/api/v1/settings');
  expect(await theme()).toBe(changed);
  await page.keyboard.press('Control+=');
  await page.waitForResponse('**/api/v1/settings');
  expect((await settings()).appearance).toEqual(before.appearance);
  await page.unroute('**/api/v1/settings/*', away);
  await expect.poll(async () => (await settings()).appearance.theme).toBe(changed);
  expect((await settings()).appearance.scalePercent).toBeGreaterThan(before.appearance.scalePercent);
  await page.unroute('**/api/v1/events', breaks);
});

test('a setting that the core refuses is told, and what counts is shown again', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'The theme is none that there is.',
    code: 'api/bad-input',
    details: {},
  };
  await page.route('**/api/v1/settings/*', (route) =>
    route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  );
  const theme = await page.evaluate(() => document.documentElement.dataset.theme);
  await page.keyboard.press('Shift+F9');
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
  await page.keyboard.press('Control+9');
  await expect(page.getByRole('alert')).toContainText('The theme is none that there is.');
  await page.unroute('**/api/v1/settings/*');
});
