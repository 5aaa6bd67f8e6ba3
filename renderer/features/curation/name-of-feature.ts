/** Words of features that are written in another way than they are called. */
const WORDS: Readonly<Record<string, string>> = {
  snr: 'S/N',
  scorr: 'S_corr',
  fwhm: 'FWHM',
  chi2: 'χ²',
};

/** Write the name of a measured feature as people say it: `fwhmRatio` is FWHM ratio. */
export function nameOfFeature(name: string): string {
  return name
    .replace(/^is(?=[A-Z])/, '')
    .split(/(?=[A-Z])/)
    .map((part) => part.toLowerCase())
    .map((word) => WORDS[word] ?? word)
    .join(' ');
}
