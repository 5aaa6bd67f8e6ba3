/** Names of keys that are long or have none. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Backspace: 'Bksp',
  Escape: 'Esc',
  Enter: 'Enter',
};

/** Write a chord as it is printed on keys. */
export function nameOfChord(chord: string): string {
  if (chord === '+') return chord;
  return chord
    .split('+')
    .map((part) => SHORT_NAMES[part] ?? part)
    .join(' ');
}

/** A key as it looks on the keyboard. */
export function KeyCap({ chord }: { readonly chord: string }) {
  return <kbd className="key-cap">{nameOfChord(chord)}</kbd>;
}
