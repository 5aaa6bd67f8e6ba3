import { beforeAll, expect, test } from 'vitest';
import { makeSharedFolder } from '../../tests/line/run-astrid.ts';
import { seedWorkspace } from '../../tests/support/seed-workspace.ts';
import type { Console } from './console.ts';
import { runObjectsList, runObjectsName } from './objects.ts';
import { withDoor } from './with-door.ts';

const workspace = makeSharedFolder();
const printed: string[] = [];
const quiet = (): void => undefined;
const out: Console = { print: (text) => printed.push(text), say: quiet, status: quiet, complain: quiet };
let object: { readonly name: string; readonly raDeg: number; readonly decDeg: number };

beforeAll(async () => {
  await seedWorkspace(workspace);
  await withDoor({ workspace }, out, async (ask) => {
    [object] = ((await ask('GET', '/catalog/objects?limit=1')) as { items: [typeof object] }).items;
  });
});

test('an object is named by its designation, found by that name, and called after its place again', async () => {
  const { name, raDeg, decDeg } = object;
  expect(name).toMatch(/^AstrID J/);
  await runObjectsName(name.replace('AstrID ', ''), 'SN 2026abc', { workspace }, out);
  expect(printed.at(-1)).toBe(`${name} is called SN 2026abc`);
  await runObjectsList({ workspace, json: true }, out);
  expect(JSON.parse(printed.at(-1)!).objects).toMatchObject([{ name, givenName: 'SN 2026abc' }]);
  await runObjectsName('sn 2026ABC', 'SN 2026b', { workspace }, out);
  expect(printed.at(-1)).toBe(`${name} is called SN 2026b`);
  // Another object lies 3.6 arcsec away: a place alone does not tell which.
  await expect(
    runObjectsName(`${raDeg},${decDeg}`, undefined, { workspace, takeAway: true }, out),
  ).rejects.toMatchObject({ code: 'catalog/which-object' });
  await runObjectsName('SN 2026b', undefined, { workspace, takeAway: true }, out);
  expect(printed.at(-1)).toBe(`${name} has no name of its own`);
});

test('what is no object, or says not what to do, is told apart', async () => {
  const name = (typed: string, given?: string) => runObjectsName(typed, given, { workspace }, out);
  await expect(name('M 31', 'nova')).rejects.toMatchObject({ code: 'catalog/object-not-found' });
  await expect(name('123.4,-5.6', 'nova')).rejects.toMatchObject({ code: 'catalog/object-not-found' });
  await expect(name('10,-20')).rejects.toMatchObject({ code: 'catalog/name-missing' });
  await expect(name(object.name, 'two\nlines')).rejects.toMatchObject({ code: 'api/invalid-input' });
});
