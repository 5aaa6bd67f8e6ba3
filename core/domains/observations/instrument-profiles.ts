/** What is known of an instrument when its header does not say. */
export interface InstrumentProfile {
  readonly name: string;
  /** Matched against `TELESCOP INSTRUME`, any case. */
  readonly pattern: RegExp;
  readonly gainEPerAdu?: number | undefined;
  readonly readNoiseE?: number | undefined;
  readonly saturationAdu?: number | undefined;
  /** Names of this instrument's filters in the header and what they are. */
  readonly bands?: Readonly<Record<string, string>> | undefined;
}

/** Values from the instruments' own manuals; a header that speaks comes first. */
export const INSTRUMENT_PROFILES: readonly InstrumentProfile[] = [
  { name: 'DECam', pattern: /decam/i, gainEPerAdu: 4.0, readNoiseE: 7, saturationAdu: 42_000 },
  {
    name: 'MegaCam (CFHT)',
    pattern: /megaprime|megacam/i,
    gainEPerAdu: 1.6,
    readNoiseE: 4,
    saturationAdu: 65_000,
  },
  {
    name: 'ZTF',
    pattern: /\bztf\b|mosaic.*p48|p48.*mosaic/i,
    gainEPerAdu: 6.2,
    readNoiseE: 9,
    saturationAdu: 50_000,
  },
  { name: 'SAAO STE', pattern: /saao.*ste\d/i, gainEPerAdu: 1.9, readNoiseE: 5, saturationAdu: 64_000 },
  { name: 'LCO Sinistro', pattern: /\bfa\d\d\b/i, gainEPerAdu: 1.0, readNoiseE: 8, saturationAdu: 120_000 },
  { name: 'EMMI (NTT)', pattern: /emmi/i, gainEPerAdu: 1.35, readNoiseE: 4.7 },
];

/** Find the profile of an instrument. */
export function findInstrumentProfile(
  telescope: string | undefined,
  instrument: string | undefined,
): InstrumentProfile | undefined {
  const name = `${telescope ?? ''} ${instrument ?? ''}`.trim();
  return name === '' ? undefined : INSTRUMENT_PROFILES.find((profile) => profile.pattern.test(name));
}
