export { createEnvironmentSecrets } from './environment-secrets.ts';
export { createFileSecrets } from './file-secrets.ts';
export type { SecretStore } from './secret-store.ts';
