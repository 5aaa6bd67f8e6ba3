import { readExposureTask } from '../adapters/imaging/index.ts';
import { createThreads } from '../app/compose-stages.ts';
import { parseLineConfig } from '../app/parse-config.ts';
import { pathsOfCheckout } from '../app/paths.ts';
import type { Exposure } from '../domains/observations/index.ts';
import { type CalibratedExposure, preprocessExposureTask } from '../domains/preprocessing/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';

/** Read one exposure and measure its sky and sources. @throws what reading and measuring throw */
export async function measureExposure(
  file: string,
  signal: AbortSignal,
  out: Console,
): Promise<{ readonly raw: Exposure; readonly exposure: CalibratedExposure }> {
  const threads = createThreads(pathsOfCheckout(CHECKOUT));
  try {
    out.status('reading');
    const { exposure: raw } = await threads.run(readExposureTask, { name: file }, { signal });
    out.status('measuring sky and sources');
    const config = parseLineConfig({}).preprocessing;
    const exposure = await threads.run(
      preprocessExposureTask,
      { exposure: raw, calibration: {}, config },
      { signal },
    );
    return { raw, exposure };
  } finally {
    await threads.close();
  }
}
