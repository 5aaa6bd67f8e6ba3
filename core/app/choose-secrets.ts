import { join } from 'node:path';
import { createEnvironmentSecrets, createFileSecrets, type SecretStore } from '../adapters/secrets/index.ts';

/**
 * Choose where a host without a keychain keeps passwords and keys: variables of the environment where they are set,
 * else a file of the workspace, encrypted under `ASTRID_PASSPHRASE`.
 */
export function chooseSecrets(
  workspaceDir: string,
  environment: NodeJS.ProcessEnv = process.env,
): SecretStore {
  const file = createFileSecrets(
    join(workspaceDir, 'secrets.json'),
    async () => environment.ASTRID_PASSPHRASE,
  );
  return createEnvironmentSecrets(environment, file);
}
