import { describe, expect, test } from 'vitest';
import {
  cohenKappa,
  gwetAc1,
  krippendorffAlpha,
  measureAgreement,
  percentAgreement,
  type Rating,
} from './measure-agreement.ts';

/** Ratings of a table: a string a curator, a character an item, a dot for a missing word. */
function tabulate(rows: Readonly<Record<string, string>>): Rating[] {
  return Object.entries(rows).flatMap(([curator, words]) =>
    [...words].flatMap((category, i) => (category === '.' ? [] : [{ itemId: `i${i}`, curator, category }])),
  );
}

// The worked example of missing values with four observers and twelve units: Krippendorff 2011, section C; the same
// table is the example of Gwet's Handbook of Inter-Rater Reliability (4th edition, table 2.8).
const PUBLISHED = tabulate({
  A: '123321412...',
  B: '1233224125.3',
  C: '.3332342251.',
  D: '12332441251.',
});

describe('agreement', () => {
  test("of two binary observers is Krippendorff's worked example A: 0.095", () => {
    const ratings = tabulate({ meg: '0100000010', owen: '1110010000' });
    expect(krippendorffAlpha(ratings)).toBeCloseTo(0.095, 3);
    expect(percentAgreement(ratings)).toBeCloseTo(0.6, 12);
  });

  test("with missing words is Krippendorff's worked example C: 0.743", () => {
    expect(krippendorffAlpha(PUBLISHED)).toBeCloseTo(0.743, 3);
  });

  test("of the same table is Gwet's AC1 of 0.77544, with agreement 0.81818", () => {
    expect(percentAgreement(PUBLISHED)).toBeCloseTo(0.81818, 5);
    expect(gwetAc1(PUBLISHED)).toBeCloseTo(0.77544, 5);
  });

  test('by Cohen: of 50, both yes 20, both no 15, 5 and 10 apart gives 0.4 by hand', () => {
    // p_o = 0.7; p_yes = 0.5 x 0.6, p_no = 0.5 x 0.4: p_e = 0.5; (0.7 - 0.5) / 0.5.
    const a = `${'y'.repeat(25)}${'n'.repeat(25)}`;
    const b = `${'y'.repeat(20)}${'n'.repeat(5)}${'y'.repeat(10)}${'n'.repeat(15)}`;
    expect(cohenKappa(tabulate({ a, b }))).toBeCloseTo(0.4, 12);
  });

  test('where nearly all is bogus: kappa falls, AC1 does not (by hand)', () => {
    // 18 of 20 both bogus, the other two each real to one: p_o = 0.9; kappa's p_e = 0.95^2 + 0.05^2 = 0.905;
    // AC1's p_e = 2 x 0.05 x 0.95 = 0.095.
    const a = `${'b'.repeat(18)}rb`;
    const b = `${'b'.repeat(18)}br`;
    const ratings = tabulate({ a, b });
    expect(cohenKappa(ratings)).toBeCloseTo((0.9 - 0.905) / (1 - 0.905), 12);
    expect(gwetAc1(ratings)).toBeCloseTo((0.9 - 0.095) / (1 - 0.095), 12);
  });

  test('is 1 where all agree, and 0 for alpha where words carry nothing', () => {
    const { percent, cohenKappa, krippendorffAlpha, gwetAc1 } = measureAgreement(
      tabulate({ a: 'rbrb', b: 'rbrb' }),
    );
    expect([percent, cohenKappa, krippendorffAlpha, gwetAc1]).toEqual([1, 1, 1, 1]);
    // Every pair of words equally often: p_o = 0.5, p_e = 0.5.
    expect(cohenKappa && measureAgreement(tabulate({ a: 'rrbb', b: 'rbrb' })).cohenKappa).toBeCloseTo(0, 12);
  });

  test('is absent, not NaN, with one curator, no common item or one category', () => {
    expect(measureAgreement(tabulate({ a: 'rb' }))).toEqual({
      items: 0,
      curators: 1,
      ratings: 2,
      percent: undefined,
      cohenKappa: undefined,
      krippendorffAlpha: undefined,
      gwetAc1: undefined,
    });
    expect(measureAgreement(tabulate({ a: 'r.', b: '.b' })).cohenKappa).toBeUndefined();
    const single = measureAgreement(tabulate({ a: 'bb', b: 'bb' }));
    expect(single.percent).toBe(1);
    expect([single.cohenKappa, single.krippendorffAlpha, single.gwetAc1]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('counts what was compared', () => {
    expect(measureAgreement(PUBLISHED)).toMatchObject({ items: 11, curators: 4, ratings: 41 });
  });
});
