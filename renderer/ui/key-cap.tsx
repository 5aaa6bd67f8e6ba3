/** Names of keys that are long or have none. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Backspace: 'Bksp',
  Escape: 'Esc',
  Enter: 'Enter',
  Shift: '⇧',
};

/** Write a chord as it is printed on keys. */
export function nameOfChord(chord: string): string {
  const end = chord.endsWith('+') ? '+' : '';
  return `${end === '' ? chord : chord.slice(0, -1)}`
    .split('+')
    .map((part) => SHORT_NAMES[part] ?? part)
    .join(' ')
    .concat(end);
}

/** A key as it looks on the keyboard. */
export function KeyCap({ chord }: { readonly chord: string }) {
  return <kbd className="key-cap">{nameOfChord(chord)}</kbd>;
}
