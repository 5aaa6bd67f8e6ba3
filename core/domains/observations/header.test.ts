import { describe, expect, it } from 'vitest';
import {
  headerBoolean,
  headerCard,
  headerCommentary,
  headerNumber,
  headerString,
  headerValue,
} from './header.ts';
import type { Header } from './model.ts';

const header: Header = [
  { keyword: 'SIMPLE', value: true },
  { keyword: 'GAIN', value: 1.5, comment: 'e/ADU' },
  { keyword: 'GAIN', value: 99 },
  { keyword: 'RDNOISE', value: ' 5.2D0 ' },
  { keyword: 'OBJECT', value: ' M 31 ' },
  { keyword: 'FILTER', value: '' },
  { keyword: 'ESO DET ID', value: 7 },
  { keyword: 'AIRMASS', value: undefined, comment: 'not measured' },
  { keyword: 'HISTORY', value: undefined, comment: 'bias' },
  { keyword: 'HISTORY', value: undefined, comment: 'flat' },
];

describe('A header', () => {
  it('gives the first card of a keyword in any case', () => {
    expect(headerCard(header, 'gain')).toEqual({ keyword: 'GAIN', value: 1.5, comment: 'e/ADU' });
    expect(headerValue(header, 'eso det id')).toBe(7);
  });
  it('gives a number also where it was written as a string', () => {
    expect(headerNumber(header, 'RDNOISE')).toBe(5.2);
    expect(headerNumber(header, 'OBJECT')).toBeUndefined();
    expect(headerNumber(header, 'FILTER')).toBeUndefined();
    expect(headerNumber(header, 'SIMPLE')).toBeUndefined();
  });
  it('gives text trimmed, and none for a blank', () => {
    expect(headerString(header, 'OBJECT')).toBe('M 31');
    expect(headerString(header, 'FILTER')).toBeUndefined();
    expect(headerString(header, 'SIMPLE')).toBe('T');
    expect(headerString(header, 'GAIN')).toBe('1.5');
  });
  it('gives a logical only for T and F', () => {
    expect(headerBoolean(header, 'SIMPLE')).toBe(true);
    expect(headerBoolean(header, 'GAIN')).toBeUndefined();
  });
  it('has no value where the card has none or is absent', () => {
    expect(headerValue(header, 'AIRMASS')).toBeUndefined();
    expect(headerNumber(header, 'NOSUCH')).toBeUndefined();
  });
  it('lists commentary in file order', () => {
    expect(headerCommentary(header, 'history')).toEqual(['bias', 'flat']);
  });
});
