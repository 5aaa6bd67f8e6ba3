import { AstridError } from '../../utils/index.ts';
import type { ReferenceStars } from './model.ts';
import { selectReference } from './select-reference.ts';

/**
 * Add stars to those that are there; one with an identifier that is known replaces the known one.
 *
 * @throws catalog/other-bands, catalog/other-epoch when the two are not of one catalogue.
 */
export function mergeStars(known: ReferenceStars, added: ReferenceStars, name: string): ReferenceStars {
  const bandsOf = ({ bands }: ReferenceStars): string => bands.map(({ band }) => band).join(' ');
  if (bandsOf(known) !== bandsOf(added))
    throw new AstridError(
      'catalog/other-bands',
      `Catalogue ${name} has the bands ${bandsOf(known)}, the new stars ${bandsOf(added)}. Import them under another name.`,
      { name, known: bandsOf(known), added: bandsOf(added) },
    );
  // Pan-STARRS gives each file's own mean epoch; a few years matter to nothing without proper motions.
  if (Math.abs(known.epochYr - added.epochYr) > 0.01 && hasMotion(known))
    throw new AstridError(
      'catalog/other-epoch',
      `Catalogue ${name} is of epoch ${known.epochYr}, the new stars of ${added.epochYr}. Import them under another name.`,
      { name, known: known.epochYr, added: added.epochYr },
    );
  // Files downloaded as overlapping circles name a star twice.
  const lastOf = new Map(added.ids.map((id, k) => [id, k]));
  const fresh = lastOf.size === added.count ? added : selectReference(added, [...lastOf.values()]);
  const kept = selectReference(
    known,
    known.ids.flatMap((id, k) => (lastOf.has(id) ? [] : [k])),
  );
  const join32 = (a: Float32Array, b: Float32Array): Float32Array => {
    const joined = new Float32Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  };
  const join64 = (a: Float64Array, b: Float64Array): Float64Array => {
    const joined = new Float64Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  };
  const join8 = (a: Uint8Array, b: Uint8Array): Uint8Array => {
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  };
  return {
    count: kept.count + fresh.count,
    epochYr: known.epochYr,
    raDeg: join64(kept.raDeg, fresh.raDeg),
    decDeg: join64(kept.decDeg, fresh.decDeg),
    pmRaMasYr: join32(kept.pmRaMasYr, fresh.pmRaMasYr),
    pmDecMasYr: join32(kept.pmDecMasYr, fresh.pmDecMasYr),
    bands: kept.bands.map(({ band, mag, magErr }, at) => ({
      band,
      mag: join32(mag, fresh.bands[at]!.mag),
      magErr: join32(magErr, fresh.bands[at]!.magErr),
    })),
    isVariable: join8(kept.isVariable, fresh.isVariable),
    ids: [...kept.ids, ...fresh.ids],
  };
}

function hasMotion({ pmRaMasYr }: ReferenceStars): boolean {
  return pmRaMasYr.some((value) => Number.isFinite(value));
}
