import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_LINE_CONFIG } from '../pipeline/index.ts';
import { AstridError } from '../utils/index.ts';
import { parseLineConfig, readConfigFile, schemaOfDefaults } from './parse-config.ts';

function problemsOf(overrides: unknown): readonly string[] {
  try {
    parseLineConfig(overrides, 'night.json');
  } catch (error) {
    expect(error).toBeInstanceOf(AstridError);
    const { code, message, details } = error as AstridError;
    expect(code).toBe('pipeline/bad-config');
    expect(message).toMatch(/^night\.json cannot be used: .*--print-config/);
    return details.problems as string[];
  }
  throw new Error('the configuration was accepted');
}

/** Walk the leaves of a configuration. */
function* leavesOf(
  node: unknown,
  path: readonly string[] = [],
): Generator<readonly [readonly string[], unknown]> {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) yield [path, node];
  else for (const [name, value] of Object.entries(node)) yield* leavesOf(value, [...path, name]);
}

function nest(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
}

describe('the configuration of the line', () => {
  test('is the default when nothing is said', () => {
    expect(parseLineConfig(undefined)).toEqual(DEFAULT_LINE_CONFIG);
    expect(parseLineConfig({})).toEqual(DEFAULT_LINE_CONFIG);
    expect(parseLineConfig({ detection: {} })).toEqual(DEFAULT_LINE_CONFIG);
  });

  test('takes itself, through JSON and back', () => {
    expect(parseLineConfig(JSON.parse(JSON.stringify(DEFAULT_LINE_CONFIG)))).toEqual(DEFAULT_LINE_CONFIG);
  });

  test('changes what is said and nothing else', () => {
    const changed = parseLineConfig({ detection: { thresholdSigma: 6 } });
    expect(changed).toEqual({
      ...DEFAULT_LINE_CONFIG,
      detection: { ...DEFAULT_LINE_CONFIG.detection, thresholdSigma: 6 },
    });
  });

  test('names each field that is not known or of another type, with its path', () => {
    const problems = problemsOf({
      detection: { treshold: 5, thresholdSigma: '5' },
      differencing: { method: 'magic' },
      extra: {},
    });
    expect(problems.join('\n')).toMatch(/detection\.thresholdSigma: .*number/);
    expect(problems.join('\n')).toMatch(/detection: .*"treshold"/);
    expect(problems.join('\n')).toMatch(/differencing\.method: .*"zogy"/);
    expect(problems.join('\n')).toMatch(/the whole: .*"extra"/);
  });

  test.each([[null], [[]], ['text'], [5], [{ detection: null }], [{ detection: [] }]])(
    'refuses %j',
    (overrides) => {
      expect(problemsOf(overrides)).toHaveLength(1);
    },
  );

  test('refuses a wrong type in every single field', () => {
    let leaves = 0;
    for (const [path, value] of leavesOf(DEFAULT_LINE_CONFIG)) {
      leaves++;
      const wrong = typeof value === 'number' ? 'five' : 5;
      expect(problemsOf(nest(path, wrong)).join()).toContain(path.join('.'));
    }
    expect(leaves).toBeGreaterThan(50);
  });

  test('knows the words of every setting that is a word; only paths are free text', () => {
    for (const [path, value] of leavesOf(DEFAULT_LINE_CONFIG)) {
      if (typeof value !== 'string' || path[0] === 'calibration') continue;
      expect(problemsOf(nest(path, 'no such word')).join()).toMatch(/expected one of/);
    }
  });

  test('wants finite numbers, and lists as long as the default', () => {
    const schema = schemaOfDefaults({ width: 1, weights: [1, 2] });
    expect(schema.safeParse({ width: Number.POSITIVE_INFINITY }).success).toBe(false);
    expect(schema.safeParse({ weights: [1] }).success).toBe(false);
    expect(schema.parse({ weights: [3, 4] })).toEqual({ width: 1, weights: [3, 4] });
  });
});

describe('a configuration file', () => {
  const write = (text: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'astrid-config-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'night.json'), text);
    return join(folder, 'night.json');
  };

  test('gives what it says, not what it leaves out', () => {
    expect(readConfigFile(write('{"detection":{"thresholdSigma":6}}'))).toEqual({
      detection: { thresholdSigma: 6 },
    });
  });

  test('that is not there, not JSON or not a configuration is named in the error', () => {
    for (const text of ['{"detection":', 'null', '[]', '{"a":1}']) {
      const path = write(text);
      expect(() => readConfigFile(path)).toThrow(path);
    }
    expect(() => readConfigFile('/nowhere/night.json')).toThrow('/nowhere/night.json cannot be read');
  });
});
