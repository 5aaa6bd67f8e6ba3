export type { SecretStore } from '../adapters/secrets/index.ts';
export { type App, type AppOptions, createApp } from './compose.ts';
export type { ConnectionRequest } from './examine-connection.ts';
export { type AppPaths, chooseWorkspace, pathsOfCheckout } from './paths.ts';
export type { PairRequest } from './process-pair.ts';
export { SAMPLE_NIGHT } from './sample-night.ts';
export { listen } from './serve.ts';
export type { SyncConnection, SyncReport, SyncService } from './sync-service.ts';
export { writeSimulatedField } from './write-simulated-field.ts';
