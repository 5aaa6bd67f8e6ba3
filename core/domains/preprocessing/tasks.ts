import type { Task } from '../../utils/index.ts';
import type { Exposure } from '../observations/index.ts';
import type { CalibrationFrames } from './apply-frames.ts';
import type { PreprocessingConfig } from './config.ts';
import type { CalibratedExposure } from './model.ts';
import { preprocessExposure } from './preprocess-exposure.ts';

/** `preprocessExposure` as a task for a thread. */
export const preprocessExposureTask: Task<
  {
    readonly exposure: Exposure;
    readonly calibration: CalibrationFrames;
    readonly config: PreprocessingConfig;
    /** The exposure's pixels are needed by nobody else: they may be written over. */
    readonly mayOverwrite?: boolean | undefined;
  },
  CalibratedExposure
> = {
  name: 'preprocessing.preprocess-exposure',
  run: ({ exposure, calibration, config, mayOverwrite }) =>
    preprocessExposure(exposure, calibration, config, mayOverwrite),
};
