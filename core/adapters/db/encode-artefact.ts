const TYPED_ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Uint32Array,
} as const;
type TypedName = keyof typeof TYPED_ARRAYS;

/** Marks a value that JSON has no word for; no key of the program's data begins so. */
const TYPED = '$typed';
const NUMBER = '$number';

/**
 * Write plain data as JSON text that gives it back exactly: typed arrays, NaN, infinities and -0 too.
 *
 * Fields that are `undefined` are left out, as JSON does.
 */
export function encodeArtefact(value: unknown): string {
  return JSON.stringify(encode(value) ?? null);
}

/** Read what `encodeArtefact` wrote; typed arrays come back on buffers of their own. */
export function decodeArtefact(text: string): unknown {
  return JSON.parse(text, (_key, value) => {
    if (typeof value !== 'object' || value === null) return value;
    if (typeof value[NUMBER] === 'string') return Number(value[NUMBER]);
    const name = value[TYPED] as TypedName | undefined;
    if (name === undefined || !(name in TYPED_ARRAYS)) return value;
    const bytes = Uint8Array.from(Buffer.from(value.base64 as string, 'base64'));
    return new TYPED_ARRAYS[name](bytes.buffer);
  });
}

function encode(value: unknown): unknown {
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { [NUMBER]: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const name = value.constructor.name;
    if (!(name in TYPED_ARRAYS)) throw new TypeError(`an artefact cannot hold a ${name}`);
    const bytes = Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    return { [TYPED]: name, base64: bytes.toString('base64') };
  }
  // An `undefined` in an array has no place in JSON; the line's data has none.
  if (Array.isArray(value)) return value.map(encode);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item)]));
}
