import { findNearbyCatalogs } from '../app/find-nearby-catalogs.ts';
import { openWorkspaceCatalogs } from '../app/open-workspace-catalogs.ts';
import { chooseWorkspace } from '../app/paths.ts';
import { calibrateField, coneOfField, DEFAULT_CATALOG_CONFIG } from '../domains/catalog/index.ts';
import type { Zeropoint } from '../domains/preprocessing/index.ts';
import { AstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { measureExposure } from './measure-exposure.ts';
import { untilStopped } from './until-stopped.ts';

interface ZeropointOptions {
  readonly band?: string;
  readonly catalog?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** Run `astrid zeropoint`. @throws catalog/no-hint, catalog/not-covered, catalog/no-zeropoint and what reading throws */
export async function runZeropoint(file: string, options: ZeropointOptions, out: Console): Promise<void> {
  const store = openWorkspaceCatalogs(chooseWorkspace(options.workspace));
  const config = DEFAULT_CATALOG_CONFIG;
  await untilStopped(out, async (signal) => {
    const { raw, exposure } = await measureExposure(file, signal, out);
    const field = {
      ...exposure,
      name: file,
      image: { science: exposure.science, variance: exposure.variance, mask: exposure.mask },
      facts: { ...exposure.facts, band: options.band ?? exposure.facts.band },
      widthPx: raw.pixels.width,
      heightPx: raw.pixels.height,
    };
    const cone = coneOfField(field, config);
    if (cone === undefined)
      throw new AstridError(
        'catalog/no-hint',
        `${file} does not tell where it points and the size of its pixels. Solve it first: astrid solve ${file} --hint RA,DEC --scale LOW,HIGH --out SOLVED.fits`,
        { file },
      );
    const catalogs = await findNearbyCatalogs(store, cone, config.maxStars, options.catalog);
    if (catalogs.length === 0)
      throw new AstridError(
        'catalog/not-covered',
        `No catalogue of this workspace has stars around RA ${cone.raDeg.toFixed(3)}, Dec ${cone.decDeg.toFixed(3)}. Add them with "astrid catalog import FILE".`,
        { raDeg: cone.raDeg, decDeg: cone.decDeg },
      );
    const { zeropoint, metrics, notes } = calibrateField(field, catalogs, config);
    for (const note of notes) out.say(note);
    if (zeropoint === undefined)
      throw new AstridError(
        'catalog/no-zeropoint',
        `${file} gets no zeropoint: ${notes.at(-1) ?? 'its stars were not recognised'}`,
        {
          file,
          ...metrics,
        },
      );
    if (options.json) out.print(JSON.stringify({ version: 1, file, ...zeropoint, metrics, notes }));
    else out.print(describeZeropoint(zeropoint));
  });
}

function describeZeropoint(zeropoint: Zeropoint): string {
  const { zeropointMag, zeropointMagErr, scatterMag, intrinsicScatterMag, colourTerm, colourTermErr } =
    zeropoint;
  const colour =
    zeropoint.colourMid === undefined
      ? 'no colours'
      : `${colourTerm.toFixed(4)} +- ${colourTermErr.toFixed(4)} a magnitude of ${zeropoint.colourName} beyond ${zeropoint.colourMid.toFixed(3)}`;
  return [
    `zeropoint    ${zeropointMag.toFixed(4)} +- ${zeropointMagErr.toFixed(4)} mag (AB) of 1 e-/s in ${zeropoint.band}`,
    `scatter      ${scatterMag.toFixed(4)} mag, of which intrinsic ${intrinsicScatterMag.toFixed(4)}`,
    `stars        ${zeropoint.stars} of ${zeropoint.catalog}, ${zeropoint.rejected} left out`,
    `colour term  ${colour}`,
    `over field   order ${zeropoint.spatialOrder}${zeropoint.spatial.length > 0 ? `: ${zeropoint.spatial.map((value) => value.toFixed(4)).join(', ')}` : ''}`,
  ].join('\n');
}
