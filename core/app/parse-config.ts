import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { DEFAULT_LINE_CONFIG, type LineConfig } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';

type Words<Union extends string> = Readonly<Record<Union, true>>;

/** What the settings that are words may be, by their path; the types say that none is left out. */
const CHOICES: Readonly<Record<string, Words<string>>> = {
  'preprocessing.cosmicRayPolicy': { off: true, on: true, 'single-frames': true } satisfies Words<
    LineConfig['preprocessing']['cosmicRayPolicy']
  >,
  'preprocessing.extraction.filterMode': { matched: true, convolution: true } satisfies Words<
    LineConfig['preprocessing']['extraction']['filterMode']
  >,
  'differencing.method': {
    zogy: true,
    'alard-lupton': true,
    'delta-basis': true,
    auto: true,
  } satisfies Words<LineConfig['differencing']['method']>,
  'completeness.sign': { positive: true, negative: true, both: true } satisfies Words<
    LineConfig['completeness']['sign']
  >,
};

/**
 * Make the schema of a configuration from its defaults: the same fields, the same types, each optional.
 *
 * Numbers must be finite; a field that is not there is refused, because a misspelt setting would silently do nothing.
 *
 * @param path of the defaults in the whole configuration, e.g. `preprocessing.extraction`.
 */
export function schemaOfDefaults(defaults: unknown, path = ''): z.ZodType {
  if (typeof defaults === 'number') return z.number().default(defaults);
  if (typeof defaults === 'boolean') return z.boolean().default(defaults);
  if (typeof defaults === 'string') {
    const choices = CHOICES[path];
    return choices ? z.enum(Object.keys(choices)).default(defaults) : z.string().default(defaults);
  }
  if (Array.isArray(defaults))
    return z
      .array(z.number())
      .length(defaults.length)
      .default(defaults as number[]);
  const fields = Object.entries(defaults as Record<string, unknown>).map(
    ([name, value]) => [name, schemaOfDefaults(value, path === '' ? name : `${path}.${name}`)] as const,
  );
  return z.strictObject(Object.fromEntries(fields)).prefault({});
}

const LineConfigSchema = schemaOfDefaults(DEFAULT_LINE_CONFIG);

/**
 * Complete a configuration with the defaults.
 *
 * @throws pipeline/bad-config naming each field that is wrong
 */
export function parseLineConfig(overrides: unknown, source = 'the configuration'): LineConfig {
  const parsed = LineConfigSchema.safeParse(overrides);
  if (parsed.success) return parsed.data as LineConfig;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`,
  );
  throw new AstridError(
    'pipeline/bad-config',
    `${source} cannot be used: ${problems.join('; ')}. "astrid process --print-config" prints every field.`,
    { problems },
  );
}

/** Read a configuration file: JSON with the fields to change. @throws pipeline/bad-config */
export function readConfigFile(path: string): Record<string, unknown> {
  let overrides: unknown;
  try {
    overrides = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new AstridError(
      'pipeline/bad-config',
      `${path} cannot be read as JSON: ${(error as Error).message}. Correct it, or leave --config out.`,
      { path },
    );
  }
  parseLineConfig(overrides, path);
  return overrides as Record<string, unknown>;
}
