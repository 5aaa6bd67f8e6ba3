import { DEFAULT_INJECTION_CONFIG, type InjectionConfig } from '../../differencing/index.ts';

/** How an image's completeness is measured. */
export interface CompletenessConfig extends InjectionConfig {
  /** Whether the line ends by measuring it. Default true. */
  readonly isMeasured: boolean;
  /** A detection this near to an injected star is that star, px; half the difference's FWHM if that is more. Default 1.5. */
  readonly matchRadiusPx: number;
}

export const DEFAULT_COMPLETENESS_CONFIG: CompletenessConfig = {
  ...DEFAULT_INJECTION_CONFIG,
  isMeasured: true,
  matchRadiusPx: 1.5,
};
