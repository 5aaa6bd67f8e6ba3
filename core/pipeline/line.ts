import { completeness } from './stages/completeness.ts';
import { detect } from './stages/detect.ts';
import { difference } from './stages/difference.ts';
import { ingest } from './stages/ingest.ts';
import { persist } from './stages/persist.ts';
import { preprocess } from './stages/preprocess.ts';
import { register } from './stages/register.ts';
import { score } from './stages/score.ts';

/**
 * The line: from two FITS files to ranked candidates, step by step.
 *
 * | step       | loads                  | calls                                   | makes                            |
 * |------------|------------------------|-----------------------------------------|----------------------------------|
 * | ingest     | two files              | FITS reader, `readExposureFacts`        | two exposures in ADU             |
 * | preprocess | exposures              | `preprocessExposure`, `calibrateField`  | calibrated exposures in electrons |
 * | register   | calibrated exposures   | `registerTemplate`, `resampleTemplate`  | the template on the science grid |
 * | difference | science, template      | `differenceImages`                      | difference, score image, PSFs    |
 * | detect     | the difference         | `detectChanges`                         | detections with features, vetoes |
 * | score      | detections, triplets   | the real-bogus model                    | ranked, scored detections        |
 * | persist    | scored detections      | the catalogue                           | candidates that people see       |
 * | completeness | difference, images   | `recoverInjections`, the model          | limits of what could be found    |
 */
export const LINE = [ingest, preprocess, register, difference, detect, score, persist, completeness] as const;
