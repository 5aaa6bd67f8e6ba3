export { apiKeys, auditLog } from './access.ts';
export { keptAnswers } from './api.ts';
export { associatedRuns, movingObjects, objectNames, skyObjectDetections, skyObjects } from './catalog.ts';
export {
  candidateStates,
  curators,
  foreignCandidates,
  labelEvents,
  standingLabels,
  taxonomies,
} from './curation.ts';
export { cutouts, detections } from './detection.ts';
export { reviewEvents } from './differencing.ts';
export { events } from './events.ts';
export { observations } from './observations.ts';
export { planes, runs, stageRuns } from './pipeline.ts';
export { settings } from './settings.ts';
export {
  fieldBases,
  fieldVersions,
  keptRuns,
  outbox,
  rawFiles,
  sharedBlobs,
  syncState,
  twinRuns,
  waitingChanges,
} from './sync.ts';
