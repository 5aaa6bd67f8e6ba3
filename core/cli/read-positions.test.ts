import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readPositions } from './read-positions.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrid-positions-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const path = join(folder, `${Math.random()}.csv`);
  writeFileSync(path, text);
  return path;
}

test('places are read in degrees, sexagesimal and pixels, in the order of the options', () => {
  const positions = readPositions({
    at: ['273.87, -25.285', '18:15:29,-25:17:06'],
    atPixel: ['272.07,224.35'],
  });
  expect(positions[0]).toEqual({ kind: 'sky', name: '273.87, -25.285', raDeg: 273.87, decDeg: -25.285 });
  const [, second, third] = positions;
  if (second?.kind !== 'sky') throw new Error('a place on the sky was expected');
  expect(second.raDeg).toBeCloseTo(15 * (18 + 15 / 60 + 29 / 3600), 10);
  expect(second.decDeg).toBeCloseTo(-(25 + 17 / 60 + 6 / 3600), 10);
  expect(third).toEqual({ kind: 'pixel', name: '272.07,224.35', xPx: 272.07, yPx: 224.35 });
});

test('a declination of minus zero degrees keeps its sign', () => {
  const [position] = readPositions({ at: ['0:00:00,-00:30:00'] });
  expect(position).toMatchObject({ decDeg: -0.5 });
});

test('a CSV names its places, or they are numbered', () => {
  const sky = readPositions({
    positions: write('# seen in June\nname,raDeg,decDeg\na star,10.5,-3\n,11,4\n'),
  });
  expect(sky).toEqual([
    { kind: 'sky', name: 'a star', raDeg: 10.5, decDeg: -3 },
    { kind: 'sky', name: '2', raDeg: 11, decDeg: 4 },
  ]);
  const pixels = readPositions({ positions: write('X,Y,mag\r\n1,2,18\r\n') });
  expect(pixels).toEqual([{ kind: 'pixel', name: '1', xPx: 1, yPx: 2 }]);
});

test('what is no place is refused with what was typed', () => {
  for (const at of ['273.87', '400,3', '10,95', '10,20,30', 'x,y', '10,']) {
    expect(() => readPositions({ at: [at] })).toThrow(at);
  }
  expect(() => readPositions({ atPixel: ['12px,3'] })).toThrow('12px,3');
  expect(() => readPositions({})).toThrow('--at-pixel');
  expect(() => readPositions({ positions: write('a,b\n1,2\n') })).toThrow('raDeg');
  expect(() => readPositions({ positions: join(folder, 'absent.csv') })).toThrowError(
    expect.objectContaining({ code: 'differencing/unreadable-positions' }),
  );
});
