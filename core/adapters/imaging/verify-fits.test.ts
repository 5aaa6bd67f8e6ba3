import { describe, expect, it } from 'vitest';
import { verifyFitsBytes, writeFitsBytes } from './index.ts';
import { encodeChecksum, sumBytes } from './sum-bytes.ts';
import { verifyCard } from './verify-card.ts';

const image = () =>
  writeFitsBytes([
    { kind: 'image', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) },
    { kind: 'table', columns: [{ name: 'a', values: Float64Array.of(1, 2, 3) }] },
  ]);

function putCard(bytes: Uint8Array, offset: number, text: string): void {
  bytes.set(Buffer.from(text.padEnd(80), 'latin1'), offset);
}

describe('Verifying', () => {
  it('finds nothing in a good file', async () => {
    expect(await verifyFitsBytes(image(), 'good')).toMatchObject({ hdus: 2, checksummed: 2, findings: [] });
  });

  it('finds a changed pixel, and says which HDU', async () => {
    const bytes = image();
    bytes[2880 + 7]! ^= 1;
    const { findings, checksummed } = await verifyFitsBytes(bytes, 'changed');
    expect(findings.map(({ hdu, severity }) => [hdu, severity])).toEqual([
      [0, 'error'],
      [0, 'error'],
    ]);
    expect(findings[0]?.message).toMatch(/^DATASUM/);
    expect(checksummed).toBe(1);
  });

  it('finds a changed card, by CHECKSUM alone', async () => {
    const bytes = image();
    const at = Buffer.from(bytes).indexOf('EXTEND');
    putCard(bytes, at, 'EXTEND  =                    F');
    const { findings } = await verifyFitsBytes(bytes, 'changed');
    expect(findings).toHaveLength(1);
    expect(findings[0]?.message).toMatch(/^CHECKSUM/);
  });

  it('finds mandatory keywords out of order, with card and byte', async () => {
    const bytes = image();
    putCard(bytes, 160, 'BITPIX  =                  -32');
    putCard(bytes, 80, 'NAXIS   =                    2');
    const { findings } = await verifyFitsBytes(bytes, 'order');
    expect(findings.filter(({ card }) => card !== undefined && card < 3)).toMatchObject([
      { card: 1, offset: 80, severity: 'error' },
      { card: 2, offset: 160, severity: 'error' },
    ]);
  });

  it('finds missing data, and bytes that belong to nothing', async () => {
    const bytes = image();
    const short = await verifyFitsBytes(bytes.subarray(0, 2880 + 20), 'short');
    expect(short.findings).toMatchObject([{ severity: 'error', hdu: 0, offset: 2900 }]);
    const long = await verifyFitsBytes(Buffer.concat([bytes, new Uint8Array(100)]), 'long');
    expect(long.findings).toMatchObject([{ severity: 'warning', offset: bytes.length }]);
  });

  it('finds a header that never ends', async () => {
    const { findings } = await verifyFitsBytes(image().subarray(0, 5760 + 400), 'cut');
    expect(findings).toMatchObject([{ severity: 'error', hdu: 1, offset: 5760 }]);
  });

  it('finds data filled with the wrong byte', async () => {
    const bytes = image();
    bytes[5759] = 32;
    const { findings } = await verifyFitsBytes(bytes, 'fill');
    expect(findings[0]).toMatchObject({ severity: 'warning', offset: 5759 });
  });

  it.each([
    ['EXPTIME = 30.0 / good', 0],
    ["OBJECT  = 'good'", 0],
    ['COMPLEX = (1.0, 2.0)', 0],
    ['HISTORY anything = goes', 0],
    ['EXPTIME = 3d1', 1],
    ['EXPTIME = thirty', 1],
    ["OBJECT  = 'unclosed", 1],
    ["OBJECT  = 'a' b", 1],
    ['exptime = 30', 1],
    ['EXPTIME =30', 1],
    ['EXPTIME = 30 / \u00b5s', 1],
    ['EXP TIME= 30', 1],
  ])('judges the card %s', (line, problems) => {
    expect(verifyCard(line.padEnd(80))).toHaveLength(problems);
  });
});

describe('A checksum', () => {
  it('makes any words sum to minus zero, where sixteen zeros stood', () => {
    // As in its card: at the fourth byte of a word.
    const placed = (text: string) => Buffer.from(`   ${text} `, 'latin1');
    for (let i = 0; i < 2000; i++) {
      const rest = (Math.imul(i, 2654435761) ^ (i << 7)) >>> 0;
      const checksum = encodeChecksum(sumBytes(placed('0'.repeat(16)), rest));
      expect(checksum).toMatch(/^[0-9A-Za-z]{16}$/);
      expect(sumBytes(placed(checksum), rest)).toBe(0xffffffff);
    }
  });
});
