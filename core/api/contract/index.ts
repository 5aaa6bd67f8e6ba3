import { oc } from '@orpc/contract';
import { access } from './access.ts';
import { api } from './api.ts';
import { catalog } from './catalog.ts';
import { collection } from './collection.ts';
import { curation } from './curation.ts';
import { detection } from './detection.ts';
import { differencing } from './differencing.ts';
import { labelling } from './labelling.ts';
import { objects } from './objects.ts';
import { observations } from './observations.ts';
import { pipeline } from './pipeline.ts';
import { samp } from './samp.ts';
import { settings } from './settings.ts';
import { sync } from './sync.ts';
import { team } from './team.ts';

export * from './access.ts';
export * from './api.ts';
export * from './catalog.ts';
export * from './collection.ts';
export * from './curation.ts';
export * from './detection.ts';
export * from './differencing.ts';
export * from './events.ts';
export * from './labelling.ts';
export * from './objects.ts';
export * from './observations.ts';
export * from './pipeline.ts';
export * from './regions/index.ts';
export * from './samp.ts';
export * from './settings.ts';
export * from './shared.ts';
export * from './sync.ts';
export * from './team.ts';

/** Where the contract's routes are mounted. */
export const API_PREFIX = '/api/v1';

/** Everything a client may ask, in one tree: types, validation, client and OpenAPI come from it. */
export const contract = oc.router({
  observations,
  pipeline,
  differencing,
  detection,
  catalog,
  objects,
  curation,
  labelling,
  settings,
  sync,
  team,
  collection,
  access,
  api,
  samp,
});
