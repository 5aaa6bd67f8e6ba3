import type { TableToWrite } from '../adapters/imaging/index.ts';
import type { CurvePoint, LightCurve } from '../pipeline/index.ts';
import { formatTable } from './console.ts';

/** One point of one curve as a row of a table; what is not known is absent. */
interface CurveRow {
  readonly name: string;
  readonly file: string;
  readonly [column: string]: string | number | undefined;
}

/** Columns of CSV and FITS in order, with the unit that FITS knows for each; electrons are told by a COMMENT. */
const COLUMNS: readonly (readonly [name: string, unit?: string])[] = [
  ['name'],
  ['file'],
  ['midpointMjdTai', 'd'],
  ['midpointMjdHeliocentric', 'd'],
  ['band'],
  ['xPx', 'pix'],
  ['yPx', 'pix'],
  ['fluxE'],
  ['fluxErrE'],
  ['fluxNJy', 'nJy'],
  ['fluxErrNJy', 'nJy'],
  ['mag', 'mag'],
  ['magErr', 'mag'],
  ['changeE'],
  ['changeErrE'],
  ['changeSnr'],
  ['directE'],
  ['directErrE'],
  ['limit3E'],
  ['limit5E'],
  ['limitInjectedE'],
  ['grade'],
  ['chi2'],
  ['maskedFraction'],
  ['negativeFraction'],
  ['fwhmPx', 'pix'],
  ['seeingArcsec', 'arcsec'],
  ['overlap'],
  ['registrationRmsPx', 'pix'],
  ['fluxRatio'],
  ['fluxRatioErr'],
  ['noiseFactor'],
  ['flags'],
  ['error'],
];

const TEXT = new Set(['name', 'file', 'band', 'grade', 'flags', 'error']);

/** Write light curves as CSV, one row a point; empty where there is no value. */
export function curvesToCsv(curves: readonly LightCurve[]): string {
  const lines = rowsOf(curves).map((row) => COLUMNS.map(([name]) => quote(row[name])).join());
  return [COLUMNS.map(([name]) => name).join(), ...lines].join('\n');
}

/** Lay light curves out as a FITS table, one row a point. */
export function curvesToTable(curves: readonly LightCurve[], templatePath: string): TableToWrite {
  const rows = rowsOf(curves);
  return {
    kind: 'table',
    extname: 'LIGHTCURVE',
    header: [
      { keyword: 'TEMPLATE', value: templatePath, comment: 'reference of places and fluxes' },
      { keyword: 'TIMESYS', value: 'TAI' },
      {
        keyword: 'COMMENT',
        value: undefined,
        comment: 'Columns ending in E are electrons of the template; positions are zero-based pixels.',
      },
    ],
    columns: COLUMNS.map(([name, unit]) => ({
      name,
      unit,
      values: TEXT.has(name)
        ? rows.map((row) => String(row[name] ?? ''))
        : Float64Array.from(rows, (row) => Number(row[name] ?? Number.NaN)),
    })),
  };
}

/** Lay light curves out for people, in order of time. */
export function describeCurves(curves: readonly LightCurve[]): string {
  return curves.map(describeCurve).join('\n\n');
}

function describeCurve(curve: LightCurve): string {
  const { position, templateFluxE, templateFluxErrE, averagedDetections, points } = curve;
  const measured = points.filter(({ kind }) => kind === 'measured').length;
  const template =
    templateFluxE === undefined
      ? 'no flux in the template: only changes are given'
      : `${templateFluxE.toFixed(0)} ± ${templateFluxErrE!.toFixed(0)} e- in the template`;
  const hasMag = points.some((point) => point.kind === 'measured' && point.mag !== undefined);
  const magHead = hasMag ? ['mag', '± mag'] : [];
  const head = [
    'MJD',
    'file',
    'flux e-',
    '± e-',
    ...magHead,
    'change e-',
    'S/N',
    'FWHM px',
    'chi2',
    'grade',
    'flags',
  ];
  const rows = points.map((point) => {
    const time = timeOf(point)?.toFixed(5) ?? '-';
    if (point.kind === 'failed')
      return [time, baseName(point.path), ...head.slice(2, -1).map(() => '-'), point.error.code];
    const { quality } = point;
    return [
      time,
      baseName(point.path),
      point.fluxE.toFixed(0),
      point.fluxErrE.toFixed(0),
      ...(hasMag ? [point.mag?.toFixed(3) ?? '-', point.magErr?.toFixed(3) ?? '-'] : []),
      point.changeE.toFixed(0),
      point.changeSnr.toFixed(1),
      quality.fwhmPx.toFixed(2),
      quality.chi2.toFixed(2),
      quality.grade,
      quality.flags.join(' '),
    ];
  });
  return [
    `${position.name}: ${measured} of ${points.length} epochs measured; ${template}`,
    ...(averagedDetections === undefined
      ? []
      : [
          `moved to the mean of ${averagedDetections} detections: template pixel ` +
            `(${curve.xTemplatePx?.toFixed(2)}, ${curve.yTemplatePx?.toFixed(2)})`,
        ]),
    formatTable(head, rows),
  ].join('\n');
}

/** Give the time of a point: of the Earth, else of the Sun's centre. */
export function timeOf(point: CurvePoint): number | undefined {
  return point.midpointMjdTai ?? point.midpointMjdHeliocentric;
}

function rowsOf(curves: readonly LightCurve[]): readonly CurveRow[] {
  return curves.flatMap(({ position, points }) =>
    points.map((point): CurveRow => {
      const base = {
        name: position.name,
        file: point.path,
        midpointMjdTai: point.midpointMjdTai,
        midpointMjdHeliocentric: point.midpointMjdHeliocentric,
        band: point.band,
      };
      if (point.kind === 'failed') return { ...base, error: `${point.error.code}: ${point.error.message}` };
      const { kind: _kind, path: _path, quality, ...numbers } = point;
      const { flags, gradeReasons: _reasons, ...facts } = quality;
      return { ...base, ...numbers, ...facts, flags: flags.join(' ') };
    }),
  );
}

function quote(value: string | number | undefined): string {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return '';
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
