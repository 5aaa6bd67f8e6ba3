import type { ExportRow, ExportTable } from './model.ts';

/** Write the first line of a CSV table: the names of its columns. */
export function formatCsvHead({ columns }: ExportTable): string {
  return `${columns.map(({ name }) => name).join(',')}\r\n`;
}

/** Write rows of a CSV table; what is absent is empty. @see RFC 4180 */
export function formatCsvRows({ columns }: ExportTable, rows: readonly ExportRow[]): string {
  return rows.map((row) => `${columns.map(({ name }) => formatCell(row[name])).join(',')}\r\n`).join('');
}

function formatCell(value: unknown): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
