import type { ExportColumn, ExportTable } from './model.ts';

const detectionColumns: readonly ExportColumn[] = [
  { name: 'id', kind: 'text', ucd: 'meta.id;meta.main', description: 'Identifier of the detection' },
  { name: 'objectName', kind: 'text', ucd: 'meta.id', description: 'Sky object that it belongs to' },
  { name: 'runId', kind: 'text', ucd: 'meta.id', description: 'Run of the line that found it' },
  { name: 'exposureName', kind: 'text', ucd: 'meta.id;obs.image', description: 'Science image' },
  { name: 'band', kind: 'text', ucd: 'meta.id;instr.filter', description: 'Filter of the science image' },
  {
    name: 'midpointMjdTai',
    kind: 'number',
    unit: 'd',
    ucd: 'time.epoch',
    description: 'Middle of the exposure, MJD in TAI',
  },
  {
    name: 'raDeg',
    kind: 'number',
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
    description: 'Right ascension, ICRS',
  },
  {
    name: 'decDeg',
    kind: 'number',
    unit: 'deg',
    ucd: 'pos.eq.dec;meta.main',
    description: 'Declination, ICRS',
  },
  {
    name: 'xPx',
    kind: 'number',
    unit: 'pixel',
    ucd: 'pos.cartesian.x;instr.det',
    description: 'Centroid; the centre of the first pixel is 0',
  },
  {
    name: 'yPx',
    kind: 'number',
    unit: 'pixel',
    ucd: 'pos.cartesian.y;instr.det',
    description: 'Centroid; the centre of the first pixel is 0',
  },
  {
    name: 'fluxE',
    kind: 'number',
    unit: 'count',
    ucd: 'phot.count',
    description: 'PSF flux of the change, electrons',
  },
  {
    name: 'fluxErrE',
    kind: 'number',
    unit: 'count',
    ucd: 'stat.error;phot.count',
    description: 'One sigma of fluxE',
  },
  { name: 'mag', kind: 'number', unit: 'mag', ucd: 'phot.mag', description: 'AB magnitude of the change' },
  { name: 'snr', kind: 'number', ucd: 'stat.snr', description: 'Flux over its error' },
  { name: 'scorr', kind: 'number', ucd: 'stat.snr', description: 'Peak of the score image, sigma, signed' },
  { name: 'score', kind: 'number', ucd: 'stat.probability', description: 'Real-bogus score; 1 is real' },
  { name: 'modelVersion', kind: 'text', ucd: 'meta.version', description: 'Model that gave the score' },
  { name: 'rank', kind: 'whole', ucd: 'meta.number', description: 'Place in its run; 1 is the best' },
  { name: 'isNegative', kind: 'truth', ucd: 'meta.code', description: 'Whether it faded' },
  { name: 'isVetoed', kind: 'truth', ucd: 'meta.code', description: 'Whether a rule took it out' },
  {
    name: 'verdict',
    kind: 'text',
    ucd: 'meta.code.class',
    description: 'Newest label: real, bogus or unsure',
  },
];

const objectColumns: readonly ExportColumn[] = [
  {
    name: 'name',
    kind: 'text',
    ucd: 'meta.id;meta.main',
    description: 'Name of the sky object, after its first place',
  },
  { name: 'givenName', kind: 'text', ucd: 'meta.id', description: 'What people call it' },
  { name: 'id', kind: 'text', ucd: 'meta.id', description: 'Identifier of the sky object' },
  {
    name: 'raDeg',
    kind: 'number',
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
    description: 'Mean right ascension, ICRS',
  },
  {
    name: 'decDeg',
    kind: 'number',
    unit: 'deg',
    ucd: 'pos.eq.dec;meta.main',
    description: 'Mean declination, ICRS',
  },
  {
    name: 'positionErrArcsec',
    kind: 'number',
    unit: 'arcsec',
    ucd: 'stat.error;pos.eq',
    description: 'One sigma of the mean position, per axis',
  },
  { name: 'detectionCount', kind: 'whole', ucd: 'meta.number', description: 'Detections' },
  {
    name: 'firstMjdTai',
    kind: 'number',
    unit: 'd',
    ucd: 'time.start',
    description: 'First detection, MJD in TAI',
  },
  {
    name: 'lastMjdTai',
    kind: 'number',
    unit: 'd',
    ucd: 'time.end',
    description: 'Last detection, MJD in TAI',
  },
  { name: 'mag', kind: 'number', unit: 'mag', ucd: 'phot.mag', description: 'Brightest AB magnitude' },
  { name: 'snr', kind: 'number', ucd: 'stat.snr', description: 'Best flux over its error' },
  { name: 'score', kind: 'number', ucd: 'stat.probability', description: 'Best real-bogus score' },
  { name: 'verdict', kind: 'text', ucd: 'meta.code.class', description: 'Newest label of any detection' },
];

const labelColumns: readonly ExportColumn[] = [
  { name: 'id', kind: 'text', ucd: 'meta.id;meta.main', description: 'Identifier of the label' },
  { name: 'candidateId', kind: 'text', ucd: 'meta.id', description: 'Detection that was labelled' },
  { name: 'runId', kind: 'text', ucd: 'meta.id', description: 'Run of the detection' },
  { name: 'verdict', kind: 'text', ucd: 'meta.code.class', description: 'real, bogus or unsure' },
  { name: 'classId', kind: 'text', ucd: 'meta.code.class', description: 'Class of the taxonomy' },
  { name: 'confidence', kind: 'text', ucd: 'meta.code.qual', description: 'low, mid or high' },
  { name: 'purpose', kind: 'text', ucd: 'meta.code', description: 'work, gold or repeat' },
  { name: 'reason', kind: 'text', ucd: 'meta.note', description: 'Why' },
  { name: 'curator', kind: 'text', ucd: 'meta.id', description: 'Who' },
  { name: 'decidedAt', kind: 'text', ucd: 'time', description: 'When, ISO 8601 in UTC' },
  { name: 'decisionMs', kind: 'number', unit: 'ms', ucd: 'time.duration', description: 'Time on screen' },
  { name: 'scoreVisible', kind: 'truth', ucd: 'meta.code', description: 'Whether the score was shown' },
];

/** What can be exported. */
export const EXPORT_TABLES = {
  candidates: {
    name: 'candidates',
    description: 'Detections that passed the vetoes, with their scores',
    columns: detectionColumns,
  },
  detections: {
    name: 'detections',
    description: 'All scored detections, the vetoed among them',
    columns: detectionColumns,
  },
  objects: {
    name: 'objects',
    description: 'Sky objects: detections of many runs at one place',
    columns: objectColumns,
  },
  labels: { name: 'labels', description: 'Verdicts that were not taken back', columns: labelColumns },
} as const satisfies Readonly<Record<string, ExportTable>>;

/** Names of what can be exported. */
export type ExportName = keyof typeof EXPORT_TABLES;
