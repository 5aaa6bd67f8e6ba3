import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { BEHAVIOURS } from '../conformance/behaviours.ts';
import {
  findElectron,
  type LaunchedElectron,
  launchElectron,
  startElectron,
} from '../support/launch-electron.ts';
import { openPageDoor } from '../support/page-door.ts';
import { makeId, type Seed, seedWorkspace } from '../support/seed-workspace.ts';

const program = findElectron();
test.skip(program === undefined, 'there is no Electron here, or no display');
test.describe.configure({ mode: 'serial' });

let workspace: string;
let seed: Seed;
let launched: LaunchedElectron;

test.beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'astrid-electron-'));
  seed = await seedWorkspace(workspace);
  launched = await launchElectron(program!, workspace);
});

test.afterAll(async () => {
  await launched?.app.close();
  if (workspace) rmSync(workspace, { recursive: true, force: true });
});

test.describe('the door, through Electron,', () => {
  for (const behaviour of BEHAVIOURS)
    test(behaviour.name, () => behaviour.check(openPageDoor(launched.page), seed));

  test('feeds an EventSource, which goes on by itself where it was', async () => {
    const ids = await launched.page.evaluate(
      (last) =>
        new Promise<number[]>((resolve) => {
          const heard: number[] = [];
          const source = new EventSource('/api/v1/events?after=0');
          source.onmessage = ({ lastEventId }) => {
            heard.push(Number(lastEventId));
            if (Number(lastEventId) < last) return;
            source.close();
            resolve(heard);
          };
        }),
      seed.lastEventId,
    );
    expect(ids.slice(0, seed.lastEventId)).toEqual(Array.from({ length: seed.lastEventId }, (_, n) => n + 1));
  });
});

test.describe('the window', () => {
  test('has no node, and of Electron only what a browser cannot do', async () => {
    const found = await launched.page.evaluate(() => ({
      node: [typeof Reflect.get(globalThis, 'require'), typeof Reflect.get(globalThis, 'process')],
      bridge: Object.keys(Reflect.get(globalThis, 'astrid') as object).sort(),
      isIsolated: crossOriginIsolated,
    }));
    expect(found).toEqual({
      node: ['undefined', 'undefined'],
      bridge: ['onMenu', 'openFits', 'openImage', 'pathOfDroppedFile', 'revealInFolder'],
      isIsolated: true,
    });
    const preferences = await launched.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const { sandbox, contextIsolation, nodeIntegration, webSecurity } = contents.getLastWebPreferences();
      return { sandbox, contextIsolation, nodeIntegration, webSecurity };
    });
    expect(preferences).toEqual({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
    });
  });

  test('goes nowhere, opens nothing and loads nothing from elsewhere', async () => {
    const { app, page } = launched;
    await page.evaluate(() => {
      window.open('https://example.com/');
      location.href = 'https://example.com/';
    });
    await page.evaluate(() => {
      location.href = 'astrid://elsewhere/';
    });
    const loaded = await page.evaluate(async () => {
      const tries = [
        'https://example.com/',
        'http://127.0.0.1:9/',
        'file:///etc/passwd',
        'astrid://elsewhere/',
      ];
      return Promise.all(
        tries.map((address) =>
          fetch(address, { mode: 'no-cors' }).then(
            () => address,
            () => 'refused',
          ),
        ),
      );
    });
    expect(loaded).toEqual(['refused', 'refused', 'refused', 'refused']);
    const script = await page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const element = document.createElement('script');
          element.textContent = 'document.title = "inline"';
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), {
            once: true,
          });
          document.body.append(element);
        }),
    );
    expect(script).toContain('script-src');
    expect(page.url()).toMatch(/^astrid:\/\/app\//);
    expect(app.windows()).toHaveLength(1);
  });

  test('gets no permission from the machine', async () => {
    const states = await launched.page.evaluate(async () =>
      Promise.all(
        (['geolocation', 'notifications', 'camera', 'microphone'] as PermissionName[]).map(
          async (name) => (await navigator.permissions.query({ name })).state,
        ),
      ),
    );
    expect(states).toEqual(['denied', 'denied', 'denied', 'denied']);
  });

  test('hears what is chosen in the menu', async () => {
    const { app, page } = launched;
    await page.evaluate(() => {
      const bridge = Reflect.get(globalThis, 'astrid') as {
        onMenu(listener: (action: string) => void): () => void;
      };
      Reflect.set(globalThis, 'heard', new Promise<string>((resolve) => bridge.onMenu(resolve)));
    });
    await app.evaluate(({ Menu }) => {
      const item = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []);
      item?.find(({ label }) => label.includes('Labelling'))?.click();
    });
    const heard = await page.evaluate(() => Reflect.get(globalThis, 'heard') as Promise<string>);
    expect(heard).toBe('show-label');
  });
});

test.describe('the program', () => {
  test('tells a second start of the same workspace that it runs, and keeps running', async () => {
    const second = spawn(program!, [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), process.cwd()], {
      env: { ...process.env, ASTRID_WORKSPACE: workspace, ASTRID_NO_DIALOG: '1' },
      stdio: 'ignore',
    });
    expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0);
    expect(await launched.page.evaluate(async () => (await fetch('/api/v1/health/live')).status)).toBe(200);
  });

  test('is started again while it still starts, and asked to end again while it ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'astrid-electron-'));
    try {
      const app = await startElectron(program!, folder);
      // As another start tells the one that runs, over and over until there is a window.
      await app.evaluate(async ({ app: itself, BrowserWindow }) => {
        while (BrowserWindow.getAllWindows().length === 0) {
          itself.emit('second-instance');
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      });
      const page = await app.firstWindow();
      expect(await page.evaluate(async () => (await fetch('/api/v1/health/live')).status)).toBe(200);
      expect(app.windows()).toHaveLength(1);
      const ended = once(app.process(), 'exit');
      const prevented = await app.evaluate(({ app: itself }) => {
        let times = 0;
        const event = { preventDefault: () => times++ };
        itself.emit('will-quit', event);
        itself.emit('will-quit', event);
        return times;
      });
      // What closes is not cut off.
      expect(prevented).toBe(2);
      expect(await ended).toEqual([0, null]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('ends well when its window is closed before it has loaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'astrid-electron-'));
    try {
      const app = await startElectron(program!, folder);
      const ended = once(app.process(), 'exit');
      await app.evaluate(({ app: itself }) => {
        itself.on('browser-window-created', (_event, window) => setImmediate(() => window.close()));
      });
      expect(await ended).toEqual([0, null]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('killed the hard way with a label just stored, has it at the next start', async () => {
    const door = openPageDoor(launched.page);
    const list = await door.ask(`/api/v1/candidates?runId=${seed.doneRunId}&limit=1&order=rank`);
    const [{ id: candidateId }] = JSON.parse(new TextDecoder().decode(list.bytes)).items;
    const label = await door.ask(`/api/v1/candidates/${candidateId}/labels`, {
      method: 'POST',
      body: { id: makeId(900), verdict: 'bogus' },
    });
    expect(label.status).toBe(201);
    const ended = new Promise((resolve) => launched.app.process().once('exit', resolve));
    launched.app.process().kill('SIGKILL');
    await ended;
    launched = await launchElectron(program!, workspace);
    const again = await openPageDoor(launched.page).ask(`/api/v1/candidates/${candidateId}`);
    expect(JSON.parse(new TextDecoder().decode(again.bytes)).label).toMatchObject({
      id: makeId(900),
      verdict: 'bogus',
    });
  });

  test('remembers where its window was, and leaves the workspace free', async () => {
    await launched.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 30, width: 1111, height: 777 });
    });
    const findBounds = () =>
      launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
    // The display gives a window its place when it comes to that.
    await expect.poll(findBounds).toMatchObject({ width: 1111, height: 777 });
    await launched.app.close();
    expect(JSON.parse(readFileSync(join(workspace, 'window', 'window.json'), 'utf8'))).toMatchObject({
      width: 1111,
      height: 777,
    });
    launched = await launchElectron(program!, workspace);
    await expect.poll(findBounds).toMatchObject({ width: 1111, height: 777 });
  });
});
