import { describe, expect, test } from 'vitest';
import known from '../known-actions.json' with { type: 'json' };
import { SETTING_NAMES } from '../setting-names.ts';
import { otherNames, RENAMED } from './other-names.ts';
import { rankEntries } from './rank-entries.ts';

const ENTRIES = [
  ...known.map(({ id, title, layer }) => ({
    id,
    text: `${title} ${layer} ${otherNames(id)}`.toLowerCase(),
  })),
  ...SETTING_NAMES.map(({ section, title, also }) => ({
    id: section as string,
    text: `${title} setting ${also}`.toLowerCase(),
  })),
];

/** What somebody who comes from another program types, and what should be among the first three. */
const GUESSES: Readonly<Record<string, string>> = {
  minmax: 'field.limits-M',
  percentile: 'field.limits-%',
  asinh: 'field.stretch',
  histeq: 'field.stretch',
  viridis: 'field.map',
  colormap: 'field.map',
  curtain: 'field.swipe',
  'go to coordinate': 'tools.go-to',
  'ra dec': 'tools.go-to',
  keywords: 'tools.panel-header',
  hdu: 'tools.panel-header',
  'line cut': 'tools.cut',
  fwhm: 'tools.source',
  'import region': 'tools.open-regions',
  '.reg': 'tools.open-regions',
  png: 'tools.export',
  screenshot: 'tools.export',
  samp: 'samp',
  topcat: 'tools.export',
  layers: 'field.layers',
  mask: 'field.layers',
  footprint: 'field.layers',
  link: 'field.locks',
  rotate: 'field.turn-left',
  consensus: 'label.settle',
  adjudicate: 'label.settle',
  kappa: 'catalog.analytics',
  'light curve': 'catalog.object',
  curator: 'label.curator',
  confidence: 'label.sure-high',
  roc: 'catalog.analytics',
  confusion: 'catalog.analytics',
  completeness: 'catalog.analytics',
  cmd: 'catalog.colours',
  csv: 'catalog.export',
  parquet: 'catalog.export',
  shortcuts: 'shell.key-sheet',
  help: 'shell.key-sheet',
  font: 'shell.larger',
  'api key': 'access',
  token: 'access',
  offline: 'shell.sync',
  rollback: 'models.roll-back',
  uncertainty: 'label.filter',
  novelty: 'label.filter',
  'active learning': 'label.filter',
  'saved filter': 'label.filter',
  blind: 'label.blind',
  'grid mode': 'label.grid',
  cancel: 'jobs.cancel',
  gpu: 'memory',
  cache: 'memory',
  demo: 'queue.sample',
  preferences: 'shell.settings',
};

describe('what astronomers call things elsewhere', () => {
  test.each(Object.entries(GUESSES))('finds by “%s” what it is called here', (typed, id) => {
    expect(rankEntries(ENTRIES, typed, 3).map((entry) => entry.id)).toContain(id);
  });

  test('are names of actions that there are', () => {
    const ids = new Set(known.map(({ id }) => id));
    expect(RENAMED.filter((id) => !ids.has(id))).toEqual([]);
  });
});
