import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseCsv, parseVotable, readCsv } from './index.ts';

const FIXTURES = new URL('../../../../shared/fixtures/', import.meta.url).pathname;
const recorded = existsSync(FIXTURES) ? test : test.skip;
const read = (name: string): string => readFileSync(join(FIXTURES, name), 'utf8');
const numbers = () => 'number' as const;

describe('a table of text', () => {
  test('may be separated by commas, tabs, bars or semicolons, quoted, commented and with units below the names', async () => {
    const csv = await parseCsv('# made by hand\nname,ra,dec\n"a, b",1.5,-2\nc,,3e1\n', 'x', (name) =>
      name === 'name' ? 'text' : 'number',
    );
    expect([csv.rowCount, csv.columns.get('name'), [...csv.columns.get('ra')!]]).toEqual([
      2,
      ['a, b', 'c'],
      [1.5, Number.NaN],
    ]);
    const tsv = await parseCsv('_RAJ2000\tGmag\ndeg\tmag\n--------\t----\n10.5\t12\n', 'x', numbers);
    expect([...tsv.columns.get('Gmag')!]).toEqual([12]);
  });

  test('that is cut off within a line is refused with the number of the line', async () => {
    await expect(parseCsv('ra,dec\n1,2\n3', 'x.csv', numbers)).rejects.toMatchObject({
      code: 'catalog/bad-table',
      details: { line: 3 },
    });
  });

  test('is read from a gzipped file line by line', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'astrid-csv-'));
    const path = join(folder, 'stars.csv.gz');
    const rows = Array.from({ length: 5000 }, (_, k) => `${k / 10},${k}`);
    await writeFile(path, gzipSync(['ra,dec', ...rows].join('\n')));
    const table = await readCsv(path, numbers);
    expect([table.rowCount, table.columns.get('ra')![4999]]).toEqual([5000, 499.9]);
    await writeFile(path, 'no gzip');
    await expect(readCsv(path, numbers)).rejects.toMatchObject({ code: 'observations/unreadable' });
    await rm(folder, { recursive: true });
  });
});

describe('a VOTable', () => {
  recorded(
    'of the Gaia archive in BINARY2 gives what astropy reads out of it, all digits of identifiers kept',
    () => {
      for (const [file, golden] of [
        ['gaia/1710099405832VAL-result.vot', 'gaia__1710099405832VAL-result.vot.json'],
        ['gaia-tap/1714556098855O-result.vot', 'gaia-tap__1714556098855O-result.vot.json'],
      ]) {
        const { table } = parseVotable(read(file!), file!, (name) =>
          name.toLowerCase() === 'source_id' ? 'text' : 'number',
        );
        const expected = JSON.parse(read(`expected/${golden}`)) as {
          rows?: Record<string, unknown>[];
        } & Record<string, unknown>;
        expect(JSON.stringify(expected)).toContain(table.columns.get('source_id')![0]);
        expect(JSON.stringify(expected)).toContain(String((table.columns.get('ra') as Float64Array)[0]));
        expect(table.names.length).toBeGreaterThan(100);
      }
    },
  );

  recorded('in TABLEDATA gives the rows in their order', () => {
    const { table } = parseVotable(read('vizier/kang2010.xml'), 'kang2010', (name) =>
      name === 'SSTGLMC' ? 'text' : name === 'Seq' ? 'number' : undefined,
    );
    expect(table.rowCount).toBeGreaterThan(3);
    expect([...(table.columns.get('Seq') as Float64Array)].slice(0, 3)).toEqual([1, 2, 3]);
  });

  recorded(
    'that is an error in an answer of status 200 becomes an error with the words of the server',
    () => {
      expect(() => parseVotable(read('vizier/no_server_error.xml'), 'VizieR', numbers)).toThrow(
        /not currently reachable/,
      );
      expect(() => parseVotable(read('pyvo-query/errorstatus.xml'), 'TAP', numbers)).toThrow(
        expect.objectContaining({ code: 'catalog/archive-error' }),
      );
    },
  );

  recorded('that the server cut at its limit says so', () => {
    expect(parseVotable(read('pyvo-query/overflowstatus.xml'), 'TAP', numbers).isCut).toBe(true);
    expect(parseVotable(read('pyvo-query/basic.xml'), 'TAP', numbers).isCut).toBe(false);
  });

  test('that is something else, or ends within a row, is refused', () => {
    expect(() => parseVotable('<html>Down for maintenance</html>', 'TAP', numbers)).toThrow(/no VOTable/);
    const field = '<FIELD name="ra" datatype="double"/>';
    const xml = `<VOTABLE><RESOURCE><TABLE>${field}<DATA><BINARY><STREAM encoding="base64">AAAA</STREAM></BINARY></DATA></TABLE></RESOURCE></VOTABLE>`;
    expect(() => parseVotable(xml, 'TAP', numbers)).toThrow(
      expect.objectContaining({ code: 'catalog/bad-table' }),
    );
  });
});
