import type { Plane } from '../../kernels/index.ts';
import { countsPhotons } from './counts-photons.ts';
import { estimateNoise } from './estimate-noise.ts';
import { headerString } from './header.ts';
import { findInstrumentProfile } from './instrument-profiles.ts';
import type { ExposureFacts, Header } from './model.ts';
import { normaliseBand } from './normalise-band.ts';
import { readExposureTime, readGain, readReadNoise, readSaturation } from './read-detector-facts.ts';
import { readMidpointMjdTai } from './read-midpoint.ts';
import { readPointing } from './read-pointing.ts';

/** Facts that a person knows better than the header. */
export type FactsOverride = Partial<Omit<ExposureFacts, 'notes'>>;

/**
 * Read what the line needs to know of an exposure: from the person, the header, the instrument's profile and
 * the pixels, in that order.
 *
 * A value that cannot be true (a gain of zero, a saturation below the sky) counts as absent, with a note.
 *
 * @param pixels ADU; without them nothing is estimated and defaults stand in.
 */
export function readExposureFacts(
  header: Header,
  pixels?: Plane,
  override: FactsOverride = {},
): ExposureFacts {
  const notes: string[] = [];
  const instrument =
    override.instrument ?? headerString(header, 'INSTRUME') ?? headerString(header, 'DETECTOR');
  const telescope =
    override.telescope ?? headerString(header, 'TELESCOP') ?? headerString(header, 'OBSERVAT');
  const profile = findInstrumentProfile(telescope, instrument);
  const noise = pixels === undefined ? undefined : estimateNoise(pixels);

  const exposureS = override.exposureS ?? readExposureTime(header, notes);
  const isCounter = pixels !== undefined && countsPhotons(pixels);
  const readNoiseE = override.readNoiseE ?? readReadNoise(header, profile, isCounter, notes);
  const gainEPerAdu =
    override.gainEPerAdu ??
    // What has read noise is no counter.
    readGain(header, profile, isCounter && readNoiseE === 0, noise, readNoiseE, exposureS, notes);
  const saturationAdu = override.saturationAdu ?? readSaturation(header, profile, pixels, noise, notes);
  const pointing = readPointing(header);
  const midpoint = override.midpointMjdTai ?? readMidpointMjdTai(header, exposureS, notes);
  return {
    gainEPerAdu,
    readNoiseE,
    saturationAdu,
    exposureS,
    band: override.band ?? normaliseBand(header, profile),
    midpointMjdTai: midpoint,
    instrument,
    telescope,
    object: override.object ?? headerString(header, 'OBJECT'),
    raDeg: override.raDeg ?? pointing?.raDeg,
    decDeg: override.decDeg ?? pointing?.decDeg,
    notes,
  };
}
