import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { findElectron, type LaunchedElectron, launchElectron } from '../support/launch-electron.ts';
import { writeImage } from '../support/write-image.ts';

const program = findElectron();
test.skip(program === undefined, 'there is no Electron here, or no display');
test.describe.configure({ mode: 'serial' });

let folder: string;
let path: string;
let launched: LaunchedElectron;

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astrid-files-'));
  path = join(folder, 'Größe 70.fits');
  writeImage(path, { width: 40, height: 30 }, { BUNIT: 'adu' }, (x, y) => x + y);
  launched = await launchElectron(program!, join(folder, 'workspace'));
  await launched.page.locator('.rail-button').first().waitFor();
});

test.afterAll(async () => {
  await launched?.app.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

test('a FITS file dragged from a folder onto the window is looked at where it lies', async () => {
  const { page } = launched;
  const asked: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  // What the system tells the window of a drag from its file manager: a place, and paths of files.
  const devtools = await page.context().newCDPSession(page);
  const drag = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 500, y: 300, data: drag });
  await expect(page.locator('.image-name')).toHaveText('Größe 70.fits');
  await page.keyboard.press('m');
  await expect(page.locator('.pane-caption')).toContainText('0.0 … 68.0 adu');
  // Its path reached the core, which reads it: the window holds no copy.
  const pixels = asked.map((url) => new URL(url)).filter(({ pathname }) => pathname === '/pixels');
  expect(pixels.map(({ searchParams }) => searchParams.get('path'))).toContain(path);
  expect(page.url()).toMatch(/^astrid:\/\/app\//);
});

test('Ctrl+O opens the file that is chosen in the system’s dialog', async () => {
  const { app, page } = launched;
  const other = join(folder, 'other.fits');
  writeImage(other, { width: 50, height: 20 }, {}, (x, y) => 10 * x + y);
  // The person's answer; the dialog itself belongs to the system.
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, other);
  await page.keyboard.press('Control+o');
  await expect(page.locator('.image-name')).toHaveText('other.fits');
  await expect(page.locator('.pane-caption')).toContainText('0 … 509');
});

test('what is saved asks where, and is written there whole', async () => {
  const { app, page } = launched;
  for (const [key, target] of [
    ['p', join(folder, 'view.png')],
    ['f', join(folder, 'cutout.fits')],
  ] as const) {
    await app.evaluate(({ BrowserWindow }, path) => {
      const heard = new Promise((resolve) =>
        BrowserWindow.getAllWindows()[0]!.webContents.session.once('will-download', (_event, item) => {
          // Without a path Electron asks for one: this stands for the answer.
          const offered = { name: item.getFilename(), isAsked: item.getSavePath() === '' };
          item.setSavePath(path);
          item.once('done', (_done, state) => resolve({ ...offered, state, bytes: item.getReceivedBytes() }));
        }),
      );
      Reflect.set(globalThis, 'saved', heard);
    }, target);
    await page.keyboard.press('Control+e');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const saved = await app.evaluate(() => Reflect.get(globalThis, 'saved') as Promise<unknown>);
    expect(saved).toEqual({
      name: expect.stringMatching(new RegExp(`^other.*${extname(target)}$`)),
      isAsked: true,
      state: 'completed',
      bytes: statSync(target).size,
    });
  }
  expect(readFileSync(join(folder, 'view.png')).subarray(1, 4).toString()).toBe('PNG');
  const cutout = readFileSync(join(folder, 'cutout.fits'));
  const cards = cutout.toString('latin1', 0, 2880).match(/.{80}/g)!;
  const cardOf = (name: string): number => Number(cards.find((card) => card.startsWith(name))!.slice(10, 30));
  expect([cardOf('NAXIS1'), cardOf('NAXIS2')]).toEqual([50, 20]);
  expect(cutout.readFloatBE(2880 + 4 * (3 * 50 + 7))).toBe(73);
});
