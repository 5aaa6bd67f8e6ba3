import { implement } from '@orpc/server';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';
import { answerAccess } from './access.ts';
import { answerApi } from './api.ts';
import { answerCatalog } from './catalog.ts';
import { answerCollection } from './collection.ts';
import { answerCuration } from './curation.ts';
import { answerDetection } from './detection.ts';
import { answerDifferencing } from './differencing.ts';
import { answerLabelling } from './labelling.ts';
import { answerObjects } from './objects.ts';
import { answerObservations } from './observations.ts';
import { answerPipeline } from './pipeline.ts';
import { answerSamp } from './samp.ts';
import { answerSettings } from './settings.ts';
import { answerSync } from './sync.ts';
import { answerTeam } from './team.ts';

/** Answer the whole contract. */
export function createRouter(services: Services) {
  return implement(contract)
    .$context<Asking>()
    .router({
      observations: answerObservations(services),
      pipeline: answerPipeline(services),
      differencing: answerDifferencing(services),
      detection: answerDetection(services),
      catalog: answerCatalog(services),
      objects: answerObjects(services),
      curation: answerCuration(services),
      labelling: answerLabelling(services),
      samp: answerSamp(services),
      settings: answerSettings(services),
      sync: answerSync(services),
      team: answerTeam(services),
      collection: answerCollection(services),
      access: answerAccess(services),
      api: answerApi(services),
    });
}
