import type { ExportColumn, ExportRow, ExportTable } from './model.ts';

/** Coordinates and times that columns refer to. */
const SYSTEMS: readonly (readonly [pattern: RegExp, id: string])[] = [
  [/^pos\.eq/, 'icrs'],
  [/^time\.(epoch|start|end)/, 'tai'],
];

/**
 * Write what comes before the rows of a VOTable 1.4: columns with units, UCDs, coordinate and time systems.
 *
 * @see IVOA Recommendation VOTable 1.4, 2019
 */
export function formatVotableHead(table: ExportTable): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results">
<COOSYS ID="icrs" system="ICRS"/>
<TIMESYS ID="tai" timescale="TAI" timeorigin="MJD-origin" refposition="TOPOCENTER"/>
<TABLE name="${table.name}">
<DESCRIPTION>${escapeXml(table.description)}</DESCRIPTION>
${table.columns.map(formatField).join('\n')}
<DATA><TABLEDATA>
`;
}

/** What comes after the rows. */
export const VOTABLE_FOOT = '</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n';

/** Write rows of a VOTable; what is absent is an empty cell, which is null for a number. */
export function formatVotableRows({ columns }: ExportTable, rows: readonly ExportRow[]): string {
  return rows
    .map((row) => `<TR>${columns.map(({ name }) => `<TD>${formatCell(row[name])}</TD>`).join('')}</TR>\n`)
    .join('');
}

function formatField({ name, kind, unit, ucd, description }: ExportColumn): string {
  const type = {
    number: 'datatype="double"',
    whole: 'datatype="int"',
    truth: 'datatype="boolean"',
    // Names and reasons may have any letter.
    text: 'datatype="unicodeChar" arraysize="*"',
  }[kind];
  const reference = SYSTEMS.find(([pattern]) => ucd !== undefined && pattern.test(ucd))?.[1];
  const attributes = [
    `name="${name}"`,
    type,
    ...(unit === undefined ? [] : [`unit="${unit}"`]),
    ...(ucd === undefined ? [] : [`ucd="${ucd}"`]),
    ...(reference === undefined ? [] : [`ref="${reference}"`]),
  ];
  return `<FIELD ${attributes.join(' ')}><DESCRIPTION>${escapeXml(description)}</DESCRIPTION></FIELD>`;
}

function formatCell(value: unknown): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '';
  if (typeof value === 'number' && !Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return typeof value === 'string' ? escapeXml(value) : String(value);
}

function escapeXml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      // XML has no way to write these.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
  );
}
