import { mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeSimulatedField } from '../../app/write-simulated-field.ts';
import { createInlineRunner } from '../../utils/index.ts';
import { fingerprintFile, readExposure } from './read-exposure.ts';

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'astrid-read-'));
  await writeSimulatedField(
    folder,
    { sizePx: 128, transients: 1, difficulty: 'easy', stars: 20, seed: 3 },
    createInlineRunner(),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('an exposure comes with what its file is known by', async () => {
  const path = join(folder, 'science.fits');
  const { exposure, sha256 } = await readExposure(path);
  expect(exposure.pixels).toMatchObject({ width: 128, height: 128 });
  expect(sha256).toBe(await fingerprintFile(path));
});

test('a file that something writes to while it is being read is refused', async () => {
  const path = join(folder, 'template.fits');
  let isReading = true;
  const reading = readExposure(path).finally(() => {
    isReading = false;
  });
  const refused = expect(reading).rejects.toMatchObject({
    code: 'observations/changed',
    details: { paths: [path] },
  });
  for (let second = 1; isReading; second++) {
    utimesSync(path, second, second);
    await turn();
  }
  await refused;
});
