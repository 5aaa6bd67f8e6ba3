import { makeRules } from './dependency-rules.mjs';

export default {
  forbidden: makeRules(),
  options: {
    // TypeScript 7 has no API to parse with yet.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(generated|out|dist|\\.cache)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'], extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'] },
  },
};
