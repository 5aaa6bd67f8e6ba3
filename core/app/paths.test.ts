import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chooseWorkspace, pathsOfCheckout } from './paths.ts';

describe('the workspace', () => {
  test('is what the user names, then what the environment names', () => {
    const environment = { ASTRID_WORKSPACE: '/named/by/environment' };
    expect(chooseWorkspace('/named/by/user', environment)).toBe('/named/by/user');
    expect(chooseWorkspace('', environment)).toBe('/named/by/environment');
    expect(chooseWorkspace(undefined, environment)).toBe('/named/by/environment');
  });

  test.runIf(process.platform === 'linux')('is else where Linux keeps data', () => {
    expect(chooseWorkspace(undefined, { XDG_DATA_HOME: '/data' })).toBe('/data/astrid');
    expect(chooseWorkspace(undefined, {})).toBe(join(homedir(), '.local/share/astrid'));
  });
});

test('the paths of a checkout are folders of it, and its version that of package.json', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const paths = pathsOfCheckout(root);
  expect(paths.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(paths).toMatchObject({
    workersDir: join(root, 'workers'),
    workersExtension: '.ts',
    modelsDir: join(root, 'models'),
    migrationsDir: join(root, 'migrations/sqlite'),
    rendererDir: join(root, 'out/renderer'),
  });
});
