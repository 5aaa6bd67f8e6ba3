import { toIcrs } from '../../../core/api/contract/index.ts';

/** What a person who types a place may mean. */
export type TypedPlace =
  | { readonly kind: 'sky'; readonly raDeg: number; readonly decDeg: number; readonly said: string }
  /** Image coordinates, counted from one. */
  | { readonly kind: 'pixel'; readonly x: number; readonly y: number; readonly said: string };

/** The places a text can mean: none, one, or several among which a person has to choose. */
export type ParsedPlace =
  | { readonly kind: 'places'; readonly places: readonly TypedPlace[] }
  | { readonly kind: 'unread'; readonly why: string };

const NUMBER = String.raw`\d+(?:\.\d*)?|\.\d+`;
const ANGLE = new RegExp(
  String.raw`^([-+−]?)\s*(?:` +
    // 12h34m56.7s, -1d2m3s, 12°34′56″
    String.raw`(${NUMBER})\s*(h|d(?!e)|°)\s*(?:(${NUMBER})\s*[m′'])?\s*(?:(${NUMBER})\s*(?:s|″|"|''))?|` +
    // 12:34:56.7
    String.raw`(\d+):(\d+(?:\.\d*)?)(?::(${NUMBER}))?|` +
    // 123.456, perhaps followed by deg
    String.raw`(${NUMBER}(?:e[-+]?\d+)?)\s*(?:deg\b)?` +
    String.raw`)\s*[,;]?\s*`,
  'i',
);

interface Angle {
  readonly value: number;
  readonly how: 'hours' | 'degrees' | 'colons' | 'plain';
  readonly rest: string;
}

/**
 * Read a place as people write it.
 *
 * `12:34:56.7 -01:23:45`, `12h34m56.7s -1d23m45s`, `12 34 56.7 -01 23 45`, degrees, `gal 121.17 -21.57` or
 * `l=121.17 b=-21.57`, and pixels as `x 512 y 377` or `512, 377 px`. A right ascension written with colons is in
 * hours; above 24 it can only be degrees, and then a person is asked which was meant, as for whatever else can be
 * read in two ways.
 */
export function parsePlace(text: string): ParsedPlace {
  const written = text.trim();
  if (written === '') return unread('Type a place: RA Dec, l b or x y.');
  const pixel = parsePixel(written);
  if (pixel !== undefined) return { kind: 'places', places: [pixel] };
  const [lead, isGalactic, frameless] = readFrame(written);
  const first = readAngle(frameless) ?? undefined;
  const spaced = readSpaced(frameless);
  if (spaced !== undefined) return checked([{ how: 'hours', ...spaced }], isGalactic);
  const second = first && readAngle(first.rest.replace(/^(?:b|dec)\s*=?\s*/i, ''));
  if (first === undefined || second === undefined)
    return unread(`“${lead || written}” is no place: two numbers are needed.`);
  if (second.rest.trim() !== '') return unread(`“${second.rest.trim()}” is more than a place has.`);
  if (second.how === 'hours') return unread('A declination has no hours.');
  if (isGalactic) {
    if (first.how === 'hours') return unread('A galactic longitude has no hours.');
    return checked([{ how: 'degrees', lon: first.value, lat: second.value }], true);
  }
  const lat = second.value;
  switch (first.how) {
    case 'hours':
      return checked([{ how: 'hours', lon: first.value, lat }], false);
    case 'degrees':
      return checked([{ how: 'degrees', lon: first.value, lat }], false);
    case 'plain':
      return checkedPlain(first.value, second);
    case 'colons':
      return first.value < 24
        ? checked([{ how: 'hours', lon: first.value, lat }], false)
        : checkedColons(first.value, lat);
  }
}

interface Reading {
  readonly how: 'hours' | 'degrees';
  readonly lon: number;
  readonly lat: number;
}

/** Two plain numbers are degrees, but small whole ones may be pixels, and hours with a sexagesimal declination. */
function checkedPlain(lon: number, second: Angle): ParsedPlace {
  if (second.how === 'colons' && lon < 24)
    return checked(
      [
        { how: 'hours', lon, lat: second.value },
        { how: 'degrees', lon, lat: second.value },
      ],
      false,
    );
  if (lon >= 0 && lon < 360 && Math.abs(second.value) <= 90)
    return checked([{ how: 'degrees', lon, lat: second.value }], false);
  if (lon >= 0 && second.value >= 0)
    return {
      kind: 'places',
      places: [{ kind: 'pixel', x: lon, y: second.value, said: `pixel ${lon}, ${second.value}` }],
    };
  return checked([{ how: 'degrees', lon, lat: second.value }], false);
}

/** Colons mean hours, and no hour is above 24: it may be degrees, or a slip. A person has to say so. */
function checkedColons(value: number, lat: number): ParsedPlace {
  if (value >= 360) return unread(`A right ascension of ${value.toFixed(4)} is beyond a whole turn.`);
  const found = checked([{ how: 'degrees', lon: value, lat }], false);
  if (found.kind === 'unread') return found;
  const wrapped = checked([{ how: 'hours', lon: value % 24, lat }], false);
  return wrapped.kind === 'unread'
    ? wrapped
    : { kind: 'places', places: [...found.places, ...wrapped.places] };
}

function checked(readings: readonly Reading[], isGalactic: boolean): ParsedPlace {
  const places: TypedPlace[] = [];
  for (const { how, lon, lat } of readings) {
    const lonDeg = how === 'hours' ? lon * 15 : lon;
    if (!(Math.abs(lat) <= 90)) return unread(`${lat} is beyond the poles.`);
    if (!(lonDeg >= -360 && lonDeg < 360)) return unread(`${lonDeg} degrees are beyond a whole turn.`);
    const turned = ((lonDeg % 360) + 360) % 360;
    const { lonDeg: raDeg, latDeg: decDeg } = toIcrs(isGalactic ? 'galactic' : 'icrs', turned, lat);
    const name = isGalactic ? 'l' : 'RA';
    const said =
      how === 'hours'
        ? `${name} ${lon.toFixed(5)} hours (${turned.toFixed(5)}°)`
        : `${name} ${turned.toFixed(5)}°`;
    places.push({ kind: 'sky', raDeg, decDeg, said });
  }
  return { kind: 'places', places };
}

function parsePixel(text: string): TypedPlace | undefined {
  const number = `(-?(?:${NUMBER}))`;
  const [, x, y] =
    new RegExp(String.raw`^(?:image|pixel|px)?\s*x\s*=?\s*${number}\s*[,;]?\s*y\s*=?\s*${number}$`, 'i').exec(
      text,
    ) ??
    new RegExp(String.raw`^(?:image|pixel|px)\s+${number}\s*[,\s]\s*${number}$`, 'i').exec(text) ??
    new RegExp(String.raw`^${number}\s*[,\s]\s*${number}\s*(?:px|pix|pixels?|i)$`, 'i').exec(text) ??
    [];
  if (x === undefined || y === undefined) return undefined;
  return { kind: 'pixel', x: Number(x), y: Number(y), said: `pixel ${x}, ${y}` };
}

/** @returns what it is called, whether it is galactic, and the rest. */
function readFrame(text: string): readonly [string, boolean, string] {
  const [whole, word = ''] = /^(gal(?:actic)?|l\b|icrs|fk5|j2000|ra)\s*[=:]?\s*/i.exec(text) ?? ['', ''];
  return [text, /^(gal|l)/i.test(word), text.slice(whole.length)];
}

function readAngle(text: string): Angle | undefined {
  const match = ANGLE.exec(text);
  if (match === null) return undefined;
  const [whole, sign, first, mark, minutes = '0', seconds = '0', big, middle, small = '0', plain] = match;
  const size =
    first !== undefined
      ? Number(first) + Number(minutes) / 60 + Number(seconds) / 3600
      : big !== undefined
        ? Number(big) + Number(middle) / 60 + Number(small) / 3600
        : Number(plain);
  const how =
    mark !== undefined ? (/h/i.test(mark) ? 'hours' : 'degrees') : big !== undefined ? 'colons' : 'plain';
  return { value: sign === '-' || sign === '−' ? -size : size, how, rest: text.slice(whole.length) };
}

/** `12 34 56.7 -01 23 45`: six numbers in a row are hours and degrees. */
function readSpaced(text: string): { readonly lon: number; readonly lat: number } | undefined {
  const parts = /^(\d+)\s+(\d+)\s+(\d+(?:\.\d*)?)[\s,]+([-+−]?)(\d+)\s+(\d+)\s+(\d+(?:\.\d*)?)$/.exec(
    text.trim(),
  );
  if (parts === null) return undefined;
  const [h, m, s, , d, dm, ds] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const lat = d + dm / 60 + ds / 3600;
  return { lon: h + m / 60 + s / 3600, lat: /[-−]/.test(parts[4]!) ? -lat : lat };
}

function unread(why: string): ParsedPlace {
  return { kind: 'unread', why };
}
