import { AstridError } from '../../utils/errors.ts';
import type { SecretStore } from './secret-store.ts';

/** Name of the variable that holds a secret: `catalogue-url` is `ASTRID_CATALOGUE_URL`. */
export function variableOf(name: string): string {
  return `ASTRID_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Take secrets from the environment where they are set there, and from another store where not. */
export function createEnvironmentSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  otherwise: SecretStore,
): SecretStore {
  return {
    kind: `the environment, or ${otherwise.kind}`,
    get: async (name) => environment[variableOf(name)] || (await otherwise.get(name)),
    set: async (name, value) => {
      const given = environment[variableOf(name)];
      if (given && value !== undefined && value !== given)
        throw new AstridError(
          'sync/secrets-read-only',
          `${variableOf(name)} is set in the environment and would be used instead; unset it, or change it there.`,
          { variable: variableOf(name) },
        );
      await otherwise.set(name, value);
    },
  };
}
