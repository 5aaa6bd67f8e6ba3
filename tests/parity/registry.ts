import { COSMIC_RAY_CHECKS } from './check-cosmic-rays.ts';
import { SEP_CHECKS } from './check-sep.ts';
import { SOURCE_EXTRACTOR_CHECKS } from './check-source-extractor.ts';
import { STANDARD_CHECKS } from './check-standards.ts';
import { SWARP_CHECKS } from './check-swarp.ts';
import type { ParityCheck } from './model.ts';

/** Everything that is compared with another program. To add a comparison: write a `ParityCheck` and list it here. */
export const PARITY_CHECKS: readonly ParityCheck[] = [
  ...SEP_CHECKS,
  ...SOURCE_EXTRACTOR_CHECKS,
  ...COSMIC_RAY_CHECKS,
  ...STANDARD_CHECKS,
  ...SWARP_CHECKS,
];
