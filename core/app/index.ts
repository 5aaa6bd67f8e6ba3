export { type App, type AppOptions, createApp, createStagePorts, createThreads } from './compose.ts';
export { examineSystem } from './examine-system.ts';
export { parseLineConfig, readConfigFile } from './parse-config.ts';
export { type AppPaths, chooseWorkspace, pathsOfCheckout } from './paths.ts';
export type { PairRequest } from './process-pair.ts';
export { SAMPLE_NIGHT } from './sample-night.ts';
export { listen } from './serve.ts';
export { writeSimulatedField } from './write-simulated-field.ts';
export { makeFolder, writeWhole } from './write-whole.ts';
