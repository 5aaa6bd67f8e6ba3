/** Read a decimal number that was typed; NaN for anything else: a blank, `0x10`, `12px`, `Infinity`. */
export function parseNumber(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}
