/**
 * Who may import whom: one array, from which dependency-cruiser's rules are made.
 *
 * `from` is a room; `may` lists what it may import besides itself; everything else in the house is forbidden.
 * `packages` lists the npm packages and Node modules it may use; `'*'` means any.
 */
export const ROOMS = [
  { from: 'core/utils', may: [], packages: [] },
  { from: 'core/kernels', may: ['core/utils'], packages: [] },
  { from: 'core/domains', may: ['core/utils', 'core/kernels'], packages: [] },
  { from: 'core/pipeline', may: ['core/utils', 'core/kernels', 'core/domains'], packages: [] },
  {
    from: 'core/adapters',
    may: ['core/utils', 'core/kernels', 'core/domains', 'core/pipeline/ports.ts', 'core/pipeline/tasks.ts'],
    packages: ['*'],
  },
  { from: 'core/api/contract', may: [], packages: ['zod', '@orpc/contract'] },
  {
    from: 'core/api',
    may: ['core/utils', 'core/domains', 'core/pipeline', 'core/api/contract'],
    packages: ['zod', '@orpc/*', 'node:*'],
  },
  {
    from: 'core/app',
    may: ['core/utils', 'core/kernels', 'core/domains', 'core/pipeline', 'core/adapters', 'core/api'],
    packages: ['*'],
  },
  {
    from: 'core/cli',
    may: ['core/app', 'core/api', 'core/utils', 'core/domains', 'core/pipeline', 'core/adapters/imaging'],
    packages: ['*'],
  },
  {
    from: 'workers',
    may: [
      'core/utils',
      'core/kernels',
      'core/domains',
      'core/pipeline/tasks.ts',
      'core/adapters/ml',
      'core/adapters/imaging',
      'core/app/work-line.ts',
    ],
    packages: ['*'],
  },
  { from: 'electron', may: ['core/app', 'core/api', 'core/utils'], packages: ['electron', 'node:*'] },
  { from: 'renderer', may: ['core/api/contract'], packages: ['*'] },
];

/** The domains in the order of the line: each may import those to its left, by their index. */
export const DOMAINS = [
  'observations',
  'preprocessing',
  'differencing',
  'detection',
  'catalog',
  'curation',
  'notification',
  'sync',
];

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace('\\*', '[^/]+');
const HOUSE = '^(core|workers|electron|renderer|models|tests)/';
const SOURCE_ONLY = '\\.test\\.tsx?$';

/** Make dependency-cruiser's rules from the array. */
export function makeRules() {
  const rules = [{ name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } }];
  for (const { from, may, packages } of ROOMS) {
    const inner = ROOMS.filter((room) => room.from.startsWith(`${from}/`)).map((room) => room.from);
    const fromRule = { path: `^${from}/`, pathNot: [SOURCE_ONLY, ...inner.map((room) => `^${room}/`)] };
    rules.push({
      name: `${from} imports only what it may`,
      severity: 'error',
      from: fromRule,
      to: { path: HOUSE, pathNot: [from, ...may].map((room) => `^${escape(room)}(/|$)`) },
    });
    if (!packages.includes('*')) {
      const allowed = packages.filter((name) => name !== 'node:*').map((name) => `(^|/)node_modules/${escape(name)}/`);
      rules.push({
        name: `${from} uses only its packages`,
        severity: 'error',
        from: fromRule,
        to: { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: allowed },
      });
      if (!packages.includes('node:*')) {
        rules.push({
          name: `${from} does not touch Node`,
          severity: 'error',
          from: fromRule,
          to: { dependencyTypes: ['core'] },
        });
      }
    }
  }
  DOMAINS.forEach((domain, position) => {
    rules.push({
      name: `${domain} imports only domains to its left, by their door`,
      severity: 'error',
      from: { path: `^core/domains/${domain}/`, pathNot: SOURCE_ONLY },
      to: {
        path: '^core/domains/',
        pathNot: [`^core/domains/${domain}/`, ...DOMAINS.slice(0, position).map((left) => `^core/domains/${left}/index\\.ts$`)],
      },
    });
  });
  rules.push(
    {
      name: 'an adapter never imports another adapter',
      severity: 'error',
      from: { path: '^core/adapters/([^/]+)/', pathNot: SOURCE_ONLY },
      to: { path: '^core/adapters/', pathNot: '^core/adapters/$1/' },
    },
    {
      name: 'a feature never imports another feature',
      severity: 'error',
      from: { path: '^renderer/features/([^/]+)/', pathNot: SOURCE_ONLY },
      to: { path: '^renderer/features/', pathNot: '^renderer/features/$1/' },
    },
    {
      name: 'images know no screen',
      severity: 'error',
      from: { path: '^renderer/images/', pathNot: SOURCE_ONLY },
      to: { path: '^renderer/(features|shell)/' },
    },
    {
      name: 'the viewer knows no business words',
      severity: 'error',
      from: { path: '^renderer/viewer/', pathNot: SOURCE_ONLY },
      to: { path: '^(renderer/(features|api|images|shell)|core)/' },
    },
  );
  return rules;
}
