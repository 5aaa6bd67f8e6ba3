import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Card } from '../../domains/observations/index.ts';
import { formatCard } from './format-card.ts';
import { parseCard, parseHeader } from './parse-header.ts';

fc.configureGlobal({ seed: 20240517 });

const cards = (...lines: string[]) => parseHeader(lines.map((line) => line.padEnd(80)).join(''));

describe('A card', () => {
  it.each<[string, Card['value']]>([
    ['EXPTIME =                 30.0 / s', 30],
    ['EXPTIME = 30', 30],
    ['EXPTIME = +3.0D+01', 30],
    ['EXPTIME =+3.0D+01', undefined],
    ['EXPTIME = 3.0d1/s', 30],
    ['EXPTIME = - 30', -30],
    ['EXPTIME = .5E2', 50],
    ['EXPTIME = 1.', 1],
    ['EXPTIME = 007', 7],
    ["OBJECT  = 'O''Neill'' star  '", "O'Neill' star"],
    ["OBJECT  = '  indented / not a comment' / a comment", '  indented / not a comment'],
    ["OBJECT  = ''", ''],
    ["OBJECT  = 'never closed / all of it", 'never closed / all of it'],
    ['OBJECT  = NGC 1316 / bare words', 'NGC 1316'],
    ['OBJECT  = 0x10', '0x10'],
    ['FLAG    =                    T', true],
    ['FLAG    = F / no', false],
    ['FLAG    = TRUE', 'TRUE'],
    ['IMPED   = (1.5, -2.0)', '(1.5, -2.0)'],
    ['NOTHING =                      / unknown', undefined],
    ['NOTHING =', undefined],
    ['HISTORY = this is commentary', undefined],
    ['object  = 5', 5],
  ])('reads %s', (line, value) => {
    expect(parseCard(line.padEnd(80)).value).toEqual(value);
  });

  it('keeps the digits of an integer beyond 2^53', () => {
    expect(parseCard('ID      = 12345678901234567890')).toMatchObject({ raw: '12345678901234567890' });
  });

  it('reads HIERARCH keywords with their spaces', () => {
    expect(parseCard("HIERARCH ESO DET  CHIP1 NAME = 'x' / chip")).toEqual({
      keyword: 'ESO DET CHIP1 NAME',
      value: 'x',
      comment: 'chip',
    });
  });
});

describe('A string over several cards', () => {
  it('is joined, with its comments', () => {
    const [card, next] = cards(
      "LONG    = 'one &' / first",
      "CONTINUE  'two &'",
      "CONTINUE  'three' / last",
      'AFTER   = 1',
    );
    expect(card).toEqual({ keyword: 'LONG', value: 'one two three', comment: 'first last' });
    expect(next).toEqual({ keyword: 'AFTER', value: 1 });
  });
  it('keeps an ampersand that nothing continues', () => {
    expect(cards("FIRM    = 'Johnson &'", 'AFTER   = 1')[0]?.value).toBe('Johnson &');
  });
  it('leaves a CONTINUE without a beginning alone', () => {
    expect(cards("CONTINUE  'stray'", 'AFTER   = 1').map(({ keyword }) => keyword)).toEqual([
      'CONTINUE',
      'AFTER',
    ]);
  });
});

describe('A card that is written', () => {
  const printable = fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  });
  const keyword = fc
    .stringMatching(/^[A-Z][A-Z0-9_-]{0,7}$/)
    .filter((name) => !/^(CONTINUE|HISTORY|COMMENT|HIERARCH|END)$/.test(name));

  it('is read back as it was: strings of any length', () => {
    fc.assert(
      fc.property(
        keyword,
        fc.array(printable, { maxLength: 12 }).map((parts) => parts.join('')),
        (name, text) => {
          const lines = formatCard({ keyword: name, value: text });
          for (const line of lines) expect(line).toHaveLength(80);
          expect(parseHeader(lines.join(''))).toEqual([{ keyword: name, value: text.trimEnd() }]);
        },
      ),
      { numRuns: 500 },
    );
  });
  it('is read back as it was: every finite double, to the last bit', () => {
    fc.assert(
      fc.property(keyword, fc.double({ noNaN: true, noDefaultInfinity: true }), (name, value) => {
        const [line] = formatCard({ keyword: name, value });
        expect(line).toHaveLength(80);
        expect(parseCard(line!).value).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });
  it('is read back as it was: integers and HIERARCH keywords', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Z][A-Z0-9 ]{8,20}[A-Z]$/), fc.maxSafeInteger(), (name, value) => {
        const tidy = name.replace(/ +/g, ' ');
        fc.pre(tidy.length > 8 || tidy.includes(' '));
        expect(parseHeader(formatCard({ keyword: tidy, value }).join(''))).toEqual([
          { keyword: tidy, value },
        ]);
      }),
    );
  });
  it('has no NaN, which FITS cannot say', () => {
    expect(() => formatCard({ keyword: 'X', value: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'observations/bad-card' }),
    );
  });
  it('loses accents but not letters', () => {
    expect(formatCard({ keyword: 'OBSERVER', value: 'Ångström' })[0]).toContain("'Angstrom'");
  });
});
