import { headerNumber } from '../header.ts';
import type { Card, Header } from '../model.ts';

/** Reference pixels of all coordinate systems of an image, alternates `A` to `Z` among them. */
const REFERENCE = /^CRPIX([12])[A-Z]?$/;

/** Sections of the detector: they speak of pixels that a part of the image counts otherwise. */
const SECTION = /^(DATA|TRIM|BIAS|CCD|DET|AMP)SEC\w?$/;

/**
 * Make the header of a part of an image.
 *
 * Reference pixels move with the corner, so that every pixel keeps its place on the sky; distortions count from
 * them (SIP) or from the plane (TPV, TNX, ZPN) and stay as they are; a digitised plate's corner (CNPIX) moves the
 * other way. LTV and LTM lead back to the pixels of the original file, as in IRAF and DS9.
 *
 * @param x, y first pixel of the part, zero-based.
 */
export function cropHeader(header: Header, x: number, y: number): Header {
  const shiftOf = (axis: string): number => (axis === '1' ? x : y);
  const cards = header.flatMap((card): Card[] => {
    if (SECTION.test(card.keyword)) return [];
    const [, reference] = REFERENCE.exec(card.keyword) ?? [];
    const [, plate] = /^CNPIX([12])$/.exec(card.keyword) ?? [];
    const [, back] = /^LTV([12])$/.exec(card.keyword) ?? [];
    const axis = reference ?? plate ?? back;
    if (axis === undefined) return [card];
    const value = headerNumber([card], card.keyword) ?? 0;
    return [{ ...card, value: plate === undefined ? value - shiftOf(axis) : value + shiftOf(axis) }];
  });
  const has = (keyword: string): boolean => cards.some((card) => card.keyword === keyword);
  const added: Card[] = [];
  for (const axis of ['1', '2'] as const) {
    // Without a card the reference pixel is 0.
    if (has(`CTYPE${axis}`) && !has(`CRPIX${axis}`))
      added.push({ keyword: `CRPIX${axis}`, value: 0 - shiftOf(axis) });
    if (!has(`LTV${axis}`))
      added.push({ keyword: `LTV${axis}`, value: 0 - shiftOf(axis), comment: '[px] to the original' });
    if (!has(`LTM${axis}_${axis}`)) added.push({ keyword: `LTM${axis}_${axis}`, value: 1 });
  }
  return [...cards, ...added];
}
