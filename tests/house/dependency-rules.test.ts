import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ICruiseResult, IForbiddenRuleType } from 'dependency-cruiser';
import { cruise } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @ts-expect-error: the rules are plain JavaScript, because dependency-cruiser reads them itself
import { makeRules } from '../../.config/dependency-rules.mjs';

const rules = makeRules() as IForbiddenRuleType[];

/** For each rule: a file that breaks it, and what that file imports. */
const PLANTED: Readonly<Record<string, readonly [file: string, imported: string]>> = {
  'no-circles': ['core/utils/a.ts', './b.ts'],
  'core/utils imports only what it may': ['core/utils/x1.ts', '../domains/observations/index.ts'],
  'core/utils uses only its packages': ['core/utils/x2.ts', 'zod'],
  'core/utils does not touch Node': ['core/utils/x3.ts', 'node:fs'],
  'core/kernels imports only what it may': ['core/kernels/x1.ts', '../domains/observations/index.ts'],
  'core/kernels uses only its packages': ['core/kernels/x2.ts', 'zod'],
  'core/kernels does not touch Node': ['core/kernels/x3.ts', 'node:fs'],
  'core/domains imports only what it may': ['core/domains/observations/x1.ts', '../../pipeline/line.ts'],
  'core/domains uses only its packages': ['core/domains/observations/x2.ts', 'zod'],
  'core/domains does not touch Node': ['core/domains/observations/x3.ts', 'node:fs'],
  'core/pipeline imports only what it may': ['core/pipeline/x1.ts', '../adapters/db/index.ts'],
  'core/pipeline uses only its packages': ['core/pipeline/x2.ts', 'zod'],
  'core/pipeline does not touch Node': ['core/pipeline/x3.ts', 'node:fs'],
  'core/adapters imports only what it may': ['core/adapters/db/x1.ts', '../../api/contract/index.ts'],
  'core/api/contract imports only what it may': [
    'core/api/contract/x1.ts',
    '../../domains/observations/index.ts',
  ],
  'core/api/contract uses only its packages': ['core/api/contract/x2.ts', 'react'],
  'core/api/contract does not touch Node': ['core/api/contract/x3.ts', 'node:fs'],
  'core/api imports only what it may': ['core/api/x1.ts', '../adapters/db/index.ts'],
  'core/api uses only its packages': ['core/api/x2.ts', 'react'],
  'core/app imports only what it may': ['core/app/x1.ts', '../../renderer/main.ts'],
  'core/cli imports only what it may': ['core/cli/x1.ts', '../adapters/db/index.ts'],
  'workers imports only what it may': ['workers/x1.ts', '../core/adapters/db/index.ts'],
  'electron imports only what it may': ['electron/x1.ts', '../core/adapters/db/index.ts'],
  'electron uses only its packages': ['electron/x2.ts', 'zod'],
  'renderer imports only what it may': ['renderer/x1.ts', '../core/domains/observations/index.ts'],
  'observations imports only domains to its left, by their door': [
    'core/domains/observations/y.ts',
    '../preprocessing/index.ts',
  ],
  'preprocessing imports only domains to its left, by their door': [
    'core/domains/preprocessing/y.ts',
    '../observations/model.ts',
  ],
  'differencing imports only domains to its left, by their door': [
    'core/domains/differencing/y.ts',
    '../detection/index.ts',
  ],
  'detection imports only domains to its left, by their door': [
    'core/domains/detection/y.ts',
    '../catalog/index.ts',
  ],
  'catalog imports only domains to its left, by their door': [
    'core/domains/catalog/y.ts',
    '../curation/index.ts',
  ],
  'curation imports only domains to its left, by their door': [
    'core/domains/curation/y.ts',
    '../sync/index.ts',
  ],
  'notification imports only domains to its left, by their door': [
    'core/domains/notification/y.ts',
    '../sync/index.ts',
  ],
  'sync imports only domains to its left, by their door': ['core/domains/sync/y.ts', '../curation/model.ts'],
  'an adapter never imports another adapter': ['core/adapters/db/y.ts', '../imaging/index.ts'],
  'a feature never imports another feature': ['renderer/features/detection/y.ts', '../curation/index.ts'],
  'images know no screen': ['renderer/images/y.ts', '../features/curation/index.ts'],
  'the viewer knows no business words': ['renderer/viewer/y.ts', '../features/curation/index.ts'],
};

const DOORS = [
  ...['observations', 'preprocessing', 'detection', 'catalog', 'curation', 'sync'].map(
    (word) => `core/domains/${word}/index.ts`,
  ),
  'core/domains/observations/model.ts',
  'core/domains/curation/model.ts',
  'core/pipeline/line.ts',
  'core/adapters/db/index.ts',
  'core/adapters/imaging/index.ts',
  'core/api/contract/index.ts',
  'renderer/main.ts',
  'renderer/features/curation/index.ts',
];

describe('the dependency rules', () => {
  let folder: string;
  let broken: ReadonlySet<string>;
  const before = process.cwd();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'astrid-rules-'));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ type: 'module', dependencies: { zod: '*', react: '*' } }),
    );
    const write = (file: string, text: string): void => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    for (const door of DOORS) write(door, 'export const value = 1;\n');
    for (const [file, imported] of Object.values(PLANTED))
      write(file, `import * as it from '${imported}';\nexport { it };\n`);
    write('core/utils/b.ts', "import * as it from './a.ts';\nexport { it };\n");
    process.chdir(folder);
    const { output } = await cruise(['core', 'workers', 'electron', 'renderer'], {
      ruleSet: { forbidden: rules },
      validate: true,
      doNotFollow: { path: 'node_modules' },
      parser: 'swc',
      tsPreCompilationDeps: true,
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['import', 'types', 'node', 'default'],
      },
    } as Parameters<typeof cruise>[1]);
    const found = (output as ICruiseResult).summary.violations;
    broken = new Set(found.map(({ rule, from }) => `${rule.name} <- ${from}`));
  });

  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  });

  it('each have a planted violation', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(rules.map((rule) => rule.name).sort());
  });

  it.each(Object.entries(PLANTED))('catch what breaks "%s"', (name, [file]) => {
    expect(broken).toContain(`${name} <- ${file}`);
  });
});
