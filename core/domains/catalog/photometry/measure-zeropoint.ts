import { AstridError } from '../../../utils/index.ts';
import { type ExposureFacts, MaskBit, type MaskedImage } from '../../observations/index.ts';
import {
  DEFAULT_STARS,
  measureSeeing,
  type Source,
  SourceFlag,
  selectStars,
  type Zeropoint,
} from '../../preprocessing/index.ts';
import type { CatalogKind, ReferenceStars } from '../model.ts';
import { chooseBand } from './choose-band.ts';
import {
  DEFAULT_PHOTOMETRY,
  fitZeropoint,
  type PhotometricStar,
  type PhotometryConfig,
  spatialTerms,
} from './fit-zeropoint.ts';
import { measureStellarFluxes, type StellarFluxes } from './measure-stellar-fluxes.ts';

/** What a zeropoint is measured from. */
export interface ZeropointInput {
  /** For messages. */
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly facts: Pick<ExposureFacts, 'band' | 'exposureS'>;
  readonly sources: readonly Source[];
  readonly stars: ReferenceStars;
  /** With it stars are measured anew in small apertures; without, their Kron fluxes are taken. */
  readonly image?: MaskedImage | undefined;
  /** Sources and reference stars that are one. */
  readonly pairs: { readonly sources: readonly number[]; readonly stars: readonly number[] };
  readonly catalog: { readonly name: string; readonly kind: CatalogKind };
}

/** Most stars of a zeropoint, brightest first; and how many times the fewest there must be to leave others aside. */
const MOST_STARS = 3000;
const FEW_STARS = 4;
/** 2.5 / ln 10. */
const MAG_PER_RELATIVE_FLUX = 2.5 / Math.LN10;
/** Source Extractor's bits that spoil a magnitude; neighbours and blends too, since Kron apertures take their light. */
const SPOILED =
  SourceFlag.NEIGHBOURS |
  SourceFlag.DEBLENDED |
  SourceFlag.SATURATED |
  SourceFlag.TRUNCATED |
  SourceFlag.APERTURE_INCOMPLETE;
const SPOILED_MASK =
  MaskBit.SAT | MaskBit.BAD | MaskBit.EDGE | MaskBit.CR | MaskBit.NO_DATA | MaskBit.STREAK | MaskBit.SPIKE;

/**
 * Measure the zeropoint of an image whose stars were recognised: bright, unflagged, not variable; AB.
 *
 * @throws catalog/no-band when the catalogue has nothing near to the image's band; catalog/too-few-photometric-stars
 */
export function measureZeropoint(
  input: ZeropointInput,
  config: PhotometryConfig = DEFAULT_PHOTOMETRY,
): Zeropoint {
  const { name, widthPx, heightPx, facts, sources, stars, pairs, catalog } = input;
  const reference = chooseBand(stars, catalog.kind, facts.band);
  if (reference === undefined)
    throw new AstridError(
      'catalog/no-band',
      `Catalogue ${catalog.name} has no magnitudes near to band ${facts.band ?? 'unknown'} of ${name} (it has ${stars.bands.map(({ band }) => band).join(', ')}). Import one that has, or give --band.`,
      { name, band: facts.band, bands: stars.bands.map(({ band }) => band) },
    );
  const exposureS = facts.exposureS ?? 1;
  const clean = sources.filter(
    (source) =>
      source.snr >= config.minSnr &&
      source.fluxE > 0 &&
      (source.flags & SPOILED) === 0 &&
      (source.maskBits & SPOILED_MASK) === 0,
  );
  const { bySource, scaleErrMag } = measureFluxes(clean, sources, input.image, config);
  const chosen = pairs.sources.flatMap((at, k): PhotometricStar[] => {
    const source = sources[at]!;
    const star = pairs.stars[k]!;
    const flux = bySource.get(source);
    if (flux === undefined || stars.isVariable[star] === 1 || !Number.isFinite(reference.mag[star]!))
      return [];
    return [
      {
        xPx: source.xPx,
        yPx: source.yPx,
        offsetMag: reference.mag[star]! + 2.5 * Math.log10(flux.fluxE / exposureS),
        errorMag: Math.hypot((MAG_PER_RELATIVE_FLUX * flux.fluxErrE) / flux.fluxE, reference.magErr[star]!),
        colour: reference.colour?.[star] ?? Number.NaN,
      },
    ];
  });
  const zeropoint = fitZeropoint(
    chosen,
    {
      name,
      catalog: catalog.name,
      band: reference.band,
      colourName: reference.colourName,
      widthPx,
      heightPx,
    },
    config,
  );
  return { ...zeropoint, zeropointMagErr: Math.hypot(zeropoint.zeropointMagErr, scaleErrMag) };
}

/** Fluxes of isolated stars; where a crowd leaves too few, of all clean sources. */
function measureFluxes(
  clean: readonly Source[],
  sources: readonly Source[],
  image: MaskedImage | undefined,
  { minSnr, minStars }: PhotometryConfig,
): StellarFluxes {
  const fwhmPx = measureSeeing(sources, minSnr);
  const rules = { ...DEFAULT_STARS, minSnr, maxStars: MOST_STARS };
  const isolated = new Set(fwhmPx === undefined ? [] : selectStars(sources, fwhmPx, rules));
  const chosen = clean.filter((source) => isolated.has(source));
  const used = chosen.length >= FEW_STARS * minStars ? chosen : clean;
  return image === undefined || fwhmPx === undefined
    ? { bySource: new Map(used.map((source) => [source, source])), scaleErrMag: 0 }
    : measureStellarFluxes(image, used, fwhmPx);
}

/**
 * Turn a flux into a magnitude at its place on the image, for a source of the stars' middle colour.
 *
 * @param fluxE e-; its size counts: what faded has a magnitude too.
 * @returns AB; `undefined` for no flux.
 */
export function magnitudeOf(
  zeropoint: Zeropoint,
  fluxE: number,
  exposureS: number | undefined,
  xPx: number,
  yPx: number,
): number | undefined {
  const rate = Math.abs(fluxE) / (exposureS ?? 1);
  if (!(rate > 0) || !Number.isFinite(rate)) return undefined;
  const place = spatialTerms(xPx, yPx, zeropoint.spatialOrder, zeropoint).reduce(
    (sum, term, k) => sum + term * zeropoint.spatial[k]!,
    0,
  );
  return zeropoint.zeropointMag + place - 2.5 * Math.log10(rate);
}
