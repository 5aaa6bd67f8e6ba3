import { headerNumber, headerString } from './header.ts';
import type { Header } from './model.ts';

/** MJD (UTC) from which TAI - UTC has been this many seconds. Announced by IERS Bulletin C. */
const LEAP_SECONDS: readonly (readonly [number, number])[] = [
  [41317, 10],
  [41499, 11],
  [41683, 12],
  [42048, 13],
  [42413, 14],
  [42778, 15],
  [43144, 16],
  [43509, 17],
  [43874, 18],
  [44239, 19],
  [44786, 20],
  [45151, 21],
  [45516, 22],
  [46247, 23],
  [47161, 24],
  [47892, 25],
  [48257, 26],
  [48804, 27],
  [49169, 28],
  [49534, 29],
  [50083, 30],
  [50630, 31],
  [51179, 32],
  [53736, 33],
  [54832, 34],
  [56109, 35],
  [57204, 36],
  [57754, 37],
];
const SECONDS_PER_DAY = 86_400;
const MJD_OF_UNIX_EPOCH = 40_587;
const MJD_OF_JD_ZERO = 2_400_000.5;
/** TT - TAI, s. */
const TT_MINUS_TAI = 32.184;
/** GPS time lags TAI by this, s. */
const TAI_MINUS_GPS = 19;

const MIDDLE_MJD = ['MJD-MID', 'MJDMID', 'MJD_MID', 'MIDMJD', 'MJD-AVG'];
const MIDDLE_DATE = ['DATE-AVG', 'DATE-MID', 'DATEMID'];
const START_MJD = ['MJD-OBS', 'MJD-BEG', 'MJDSTART', 'MJD_OBS', 'MJD-STR', 'MJDATE', 'MJD'];
const START_DATE = ['DATE-OBS', 'DATE-BEG', 'DATE_OBS', 'UTDATE', 'DATE-STR'];
const TIME_OF_DAY = [
  'TIME-OBS',
  'UTC-OBS',
  'UTSTART',
  'UTIME',
  'UT',
  'UTC',
  'TIME_OBS',
  'UTSHUT',
  'UT-STR',
  'TM-START',
];

/** Convert MJD from UTC to TAI. Before 1972 the first offset is used. */
export function utcToTai(mjdUtc: number): number {
  let offset = LEAP_SECONDS[0]![1];
  for (const [from, seconds] of LEAP_SECONDS) {
    if (mjdUtc >= from) offset = seconds;
  }
  return mjdUtc + offset / SECONDS_PER_DAY;
}

/** Convert MJD from TAI to UTC. Within a leap second the offset after it is used. */
export function taiToUtc(mjdTai: number): number {
  const offset = LEAP_SECONDS.findLast(([from, seconds]) => mjdTai >= from + seconds / SECONDS_PER_DAY);
  return mjdTai - (offset ?? LEAP_SECONDS[0]!)[1] / SECONDS_PER_DAY;
}

/**
 * Read the middle of the exposure, MJD TAI.
 *
 * A middle that the header states comes first; else start plus half the exposure time. A start whose date and
 * MJD-OBS differ by over a minute is noted; the date wins if it has a time of day.
 */
export function readMidpointMjdTai(
  header: Header,
  exposureS: number | undefined,
  notes: string[],
): number | undefined {
  const scale = headerString(header, 'TIMESYS')?.toUpperCase() ?? 'UTC';
  const toTai = (mjd: number): number => {
    switch (scale) {
      case 'TAI':
        return mjd;
      case 'TT':
      case 'TDB':
      case 'TDT':
      case 'ET':
        return mjd - TT_MINUS_TAI / SECONDS_PER_DAY;
      case 'GPS':
        return mjd + TAI_MINUS_GPS / SECONDS_PER_DAY;
      default:
        return utcToTai(mjd);
    }
  };
  const middle = firstMjd(header, MIDDLE_MJD) ?? firstDate(header, MIDDLE_DATE)?.mjd;
  if (middle !== undefined) return toTai(middle);

  const half = (exposureS ?? 0) / 2 / SECONDS_PER_DAY;
  const fromMjd = firstMjd(header, START_MJD) ?? firstJd(header);
  const date = firstDate(header, START_DATE);
  if (date === undefined) return fromMjd === undefined ? undefined : toTai(fromMjd) + half;
  let start: number;
  if (date.hasTime) {
    start = date.mjd;
    // MJD-OBS cut to whole days is common and says nothing new.
    if (fromMjd !== undefined && !Number.isInteger(fromMjd) && Math.abs(fromMjd - start) > 1 / 1440) {
      notes.push(
        `DATE-OBS and the MJD keyword differ by ${(Math.abs(fromMjd - start) * 1440).toFixed(1)} minutes; DATE-OBS was used.`,
      );
    }
  } else if (fromMjd !== undefined && !Number.isInteger(fromMjd)) {
    start = fromMjd;
  } else {
    start = date.mjd;
    notes.push('The header gives a date but no time of day: the exposure was put at 0 h UTC.');
  }
  return toTai(start) + half;
}

/**
 * Read the middle of the exposure as the Sun's centre would have seen it: the MJD of a heliocentric Julian date.
 *
 * It may be 8.3 minutes off the Earth's time either way; for headers that say no other.
 */
export function readHeliocentricMjd(header: Header): number | undefined {
  for (const keyword of ['PHJDMID', 'HJDMID', 'HJD-MID', 'HJD_MID', 'MHJD', 'HJD']) {
    const value = headerNumber(header, keyword);
    if (value !== undefined && value > 2_415_020 && value < 2_524_600) return value - MJD_OF_JD_ZERO;
  }
  return undefined;
}

function firstMjd(header: Header, keywords: readonly string[]): number | undefined {
  for (const keyword of keywords) {
    const value = headerNumber(header, keyword);
    // 1900 to 2200: zero and -1 stand for "not set" in many headers.
    if (value !== undefined && value > 15_020 && value < 124_600) return value;
  }
  return undefined;
}

function firstJd(header: Header): number | undefined {
  for (const keyword of ['JD', 'JD-OBS', 'JD_START', 'JDSTART']) {
    const value = headerNumber(header, keyword);
    if (value !== undefined && value > 2_415_020 && value < 2_524_600) return value - MJD_OF_JD_ZERO;
  }
  return undefined;
}

function firstDate(
  header: Header,
  keywords: readonly string[],
): { mjd: number; hasTime: boolean } | undefined {
  for (const keyword of keywords) {
    const text = headerString(header, keyword);
    const parsed = text === undefined ? undefined : parseDate(text);
    if (parsed === undefined) continue;
    if (parsed.hasTime) return parsed;
    const day = readTimeOfDay(header);
    return day === undefined ? parsed : { mjd: parsed.mjd + day, hasTime: true };
  }
  return undefined;
}

/** Parse '2013-08-03', '2013-08-03T19:03:37.5Z' and the old '26/10/92' (also with years of three digits). */
export function parseDate(text: string): { mjd: number; hasTime: boolean } | undefined {
  const iso =
    /^\s*(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?Z?\s*$/.exec(text);
  if (iso !== null) {
    const day = mjdOfDay(Number(iso[1]), Number(iso[2]), Number(iso[3]));
    if (day === undefined) return undefined;
    if (iso[4] === undefined) return { mjd: day, hasTime: false };
    const seconds = Number(iso[4]) * 3600 + Number(iso[5]) * 60 + Number(iso[6] ?? 0);
    return { mjd: day + seconds / SECONDS_PER_DAY, hasTime: true };
  }
  const old = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{2,4})\s*$/.exec(text);
  if (old === null) return undefined;
  const year = Number(old[3]);
  // Two digits are 19xx by the FITS standard; programs that went on counting wrote 102 for 2002.
  const day = mjdOfDay(year < 1000 ? 1900 + year : year, Number(old[2]), Number(old[1]));
  return day === undefined ? undefined : { mjd: day, hasTime: false };
}

function mjdOfDay(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  return Date.UTC(year, month - 1, day) / 1000 / SECONDS_PER_DAY + MJD_OF_UNIX_EPOCH;
}

/** Time of day as a fraction of a day. */
function readTimeOfDay(header: Header): number | undefined {
  for (const keyword of TIME_OF_DAY) {
    const text = headerString(header, keyword);
    const match = /^(?:\d{4}-\d\d-\d\dT)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d*)?)$/.exec(text ?? '');
    if (match !== null)
      return (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) / SECONDS_PER_DAY;
  }
  return undefined;
}
