import { headerString } from './header.ts';
import type { InstrumentProfile } from './instrument-profiles.ts';
import type { Header } from './model.ts';

const KEYWORDS = [
  'FILTER',
  'FILTNAM',
  'FILTNAME',
  'FILTERS',
  'FILTER1',
  'FILTER2',
  'FILTER3',
  'FILTER01',
  'INSFILTE',
  'BAND',
  'FILTERID',
];
/** A wheel position with nothing in it. */
const EMPTY = /^(air|open|empty|none|n\/a|blank|unknown|hole|0)$/i;
const UNFILTERED = /^(clear|luminance|lum|l|white|unfiltered|no[_ ]?filter|open)$/i;

/**
 * Read the passband and give it its common name: `g`, `r`, `V`, `Halpha`, `clear`.
 *
 * Sloan-like bands are lower case, Johnson-Cousins and near-infrared ones upper case; a name that is not
 * recognised stays as it is, so that equal names are still equal bands.
 */
export function normaliseBand(header: Header, profile?: InstrumentProfile): string | undefined {
  let empty: string | undefined;
  for (const keyword of KEYWORDS) {
    const text = headerString(header, keyword);
    if (text === undefined) continue;
    const known = profile?.bands?.[text];
    if (known !== undefined) return known;
    if (EMPTY.test(text)) {
      empty = 'clear';
      continue;
    }
    return nameBand(text);
  }
  return empty;
}

/** Give a filter's name its common form. */
export function nameBand(text: string): string {
  const name = text.trim();
  if (UNFILTERED.test(name)) return 'clear';
  if (/h[-_ ]?(alpha|a)\b/i.test(name)) return 'Halpha';
  // 'i DECam SDSS c0003', 'r.MP9601', 'SDSS-g', "g'", 'Sloan_r', 'ZTF_g', 'sdss_gp', 'Bessell V', 'Johnson B', 'R'
  const sloan =
    /(?:^|[\s_.-])(?:sdss|sloan|ps1?|panstarrs|ztf|decam|mega(?:cam|prime)?|lsst)[\s_.-]*([ugrizyw])(?:p|s|')?(?:$|[\s_.\d-])/i.exec(
      name,
    );
  if (sloan !== null) return sloan[1]!.toLowerCase();
  const johnson =
    /(?:bessell?|johnson|cousins|kron|harris|2mass|mko)[\s_.-]*([UBVRIJHK])s?c?(?:$|[\s_.\d-])/i.exec(name);
  if (johnson !== null) return johnson[1]!.toUpperCase();
  const primed = /^([ugriz])(?:p|')$/i.exec(name);
  if (primed !== null) return primed[1]!.toLowerCase();
  const cousins = /^([RI])c$/i.exec(name);
  if (cousins !== null) return cousins[1]!.toUpperCase();
  const first = /^([ugrizywUBVRIJHK])(?:$|[\s_.-])/.exec(name);
  return first === null ? name : first[1]!;
}
