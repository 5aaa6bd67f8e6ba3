import {
  DEFAULT_DIFFERENCING_CONFIG,
  type Difference,
  differenceImages,
} from '../../core/domains/differencing/index.ts';
import {
  parseWcs,
  readExposureFacts,
  type SimulateConfig,
  type SimulatedField,
  type SimulatedImage,
  simulateField,
} from '../../core/domains/observations/index.ts';
import {
  type CalibratedExposure,
  DEFAULT_REGISTRATION,
  preprocessExposure,
  type RegisteredTemplate,
  registerImages,
} from '../../core/domains/preprocessing/index.ts';
import { createInlineRunner } from '../../core/utils/index.ts';

/** A simulated field on its way through the line, as far as the difference. */
export interface SubtractedField {
  readonly field: SimulatedField;
  readonly science: CalibratedExposure;
  readonly template: RegisteredTemplate;
  readonly difference: Difference;
}

/** Simulate a field, calibrate and register it. */
export async function registerField(
  config: Partial<SimulateConfig>,
): Promise<Omit<SubtractedField, 'difference'>> {
  const field = simulateField(config);
  const calibrate = (image: SimulatedImage, name: string) =>
    preprocessExposure({
      name,
      pixels: image.pixels,
      header: image.header,
      facts: readExposureFacts(image.header, image.pixels),
      wcs: parseWcs(image.header),
    });
  const science = calibrate(field.science, 'science');
  const template = await registerImages(
    science,
    calibrate(field.template, 'template'),
    DEFAULT_REGISTRATION,
    createInlineRunner(),
  );
  return { field, science, template };
}

/** Simulate a field and subtract it. */
export async function subtractField(config: Partial<SimulateConfig>): Promise<SubtractedField> {
  const registered = await registerField(config);
  const difference = await differenceImages(
    registered.science,
    registered.template,
    DEFAULT_DIFFERENCING_CONFIG,
    createInlineRunner(),
  );
  return { ...registered, difference };
}
