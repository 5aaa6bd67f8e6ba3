import { basename, resolve } from 'node:path';
import { fetchCatalog } from '../app/fetch-catalog.ts';
import { openWorkspaceCatalogs } from '../app/open-workspace-catalogs.ts';
import { chooseWorkspace } from '../app/paths.ts';
import { readCatalogFile } from '../app/read-catalog-file.ts';
import { buildQuadIndex, type CatalogInfo } from '../domains/catalog/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, count, formatTable } from './console.ts';
import { parseNumber } from './parse-number.ts';
import { parsePlace } from './parse-place.ts';
import { untilStopped } from './until-stopped.ts';

/** Run `astrid catalog import`. @throws what reading and keeping a catalogue throw */
export async function runCatalogImport(
  files: readonly string[],
  options: { readonly name?: string; readonly workspace?: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  for (const file of files) {
    out.status(`reading ${file}`);
    const { kind, stars, isCut } = await readCatalogFile(file);
    if (isCut)
      out.complain(`${file}: the archive cut the table at its limit of rows; ask for a smaller field.`);
    const name = options.name ?? (kind === 'plain' ? nameOf(file) : kind);
    out.status(`keeping ${count(stars.count, 'star')}`);
    const { added, ...info } = await store.add(name, kind, stars, resolve(file));
    if (options.json) out.print(JSON.stringify({ version: 1, read: stars.count, added, ...info }));
    else {
      out.print(`${count(stars.count, 'star')} of ${file} read, ${added} new; ${describeCatalog(info)}`);
    }
  }
}

/** Run `astrid catalog fetch`. @throws catalog/bad-hint and what fetching and keeping throw */
export async function runCatalogFetch(
  place: string,
  options: {
    readonly radius: string;
    readonly from: string;
    readonly name?: string;
    readonly workspace?: string;
  },
  out: Console,
): Promise<void> {
  const radiusDeg = parseNumber(options.radius);
  if (!(radiusDeg > 0 && radiusDeg <= 5))
    throw new AstridError('catalog/bad-hint', `--radius ${options.radius}: choose 0 to 5 degrees.`, {
      radius: options.radius,
    });
  const from = (['gaia', 'panstarrs'] as const).find((name) => name === options.from);
  if (from === undefined)
    throw new AstridError('catalog/bad-hint', `--from ${options.from}: choose gaia or panstarrs.`, {
      from: options.from,
    });
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  await untilStopped(out, async (signal) => {
    out.status(`asking for the stars of ${from}`);
    const cone = { ...parsePlace(place), radiusDeg };
    const { kind, stars, isCut, origin } = await fetchCatalog(from, cone, { fetch, signal });
    if (isCut)
      out.complain(`The archive has more stars there than it gives at once: these are the brightest.`);
    const { added, ...info } = await store.add(options.name ?? from, kind, stars, origin);
    out.print(`${count(stars.count, 'star')} from ${origin}, ${added} new; ${describeCatalog(info)}`);
  });
}

/** Most stars of which an index is made, brightest first: figures of fainter ones are in no shallow image. */
const MOST_INDEXED = 4_000_000;

/** Run `astrid catalog index`. @throws catalog/no-catalog, catalog/unwritable */
export async function runCatalogIndex(
  name: string,
  options: { readonly workspace?: string },
  out: Console,
): Promise<void> {
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  out.status(`reading ${name}`);
  const stars = await store.all(name, MOST_INDEXED);
  out.status(`making figures of ${count(stars.count, 'star')}`);
  const index = buildQuadIndex(stars);
  await store.keepIndex(name, index);
  const [least, greatest] = index.rangeArcsec.map((arcsec) => (arcsec / 60).toFixed(1));
  out.print(
    `${count(index.sizesArcsec.length, 'figure')} of ${name}, ${least} to ${greatest} arcmin: "astrid solve FILE --blind" finds images on the sky it covers`,
  );
}

/** Run `astrid catalog info`. @throws catalog/damaged */
export async function runCatalogInfo(
  options: { readonly workspace?: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const workspace = resolve(chooseWorkspace(options.workspace));
  const catalogs = await openWorkspaceCatalogs(workspace).list();
  if (options.json) out.print(JSON.stringify({ version: 1, catalogs }));
  else if (catalogs.length === 0) {
    out.say(`No catalogue in ${workspace} yet: "astrid catalog import FILE" adds one.`);
  } else {
    out.print(
      formatTable(
        ['name', 'columns of', 'stars', 'area deg2', 'epoch', 'bands'],
        catalogs.map(({ name, kind, count: stars, areaDeg2, epochYr, bands }) => [
          name,
          kind,
          String(stars),
          areaDeg2.toFixed(2),
          epochYr.toFixed(1),
          bands.join(' '),
        ]),
      ),
    );
  }
}

function describeCatalog({ name, count: stars, areaDeg2, epochYr, bands }: CatalogInfo): string {
  return `catalogue ${name}: ${count(stars, 'star')}, ${areaDeg2.toFixed(2)} square degrees, epoch ${epochYr.toFixed(1)}, bands ${bands.join(' ')}`;
}

function nameOf(file: string): string {
  const name = basename(file).replace(/\.(gz|csv|tsv|txt|fits?|vot|xml|votable)\b.*$/i, '');
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'stars'
  );
}
