import { preprocessExposureTask } from '../domains/preprocessing/index.ts';
import type { StagePorts } from './stage.ts';

/** Read and calibrate the template once for all epochs. */
export function rememberTemplate(ports: StagePorts, templatePath: string): StagePorts {
  type Read = Awaited<ReturnType<StagePorts['readExposure']>>;
  let read: Read | undefined;
  let calibrated: unknown;
  return {
    ...ports,
    readExposure: async (path, signal) => {
      if (path !== templatePath) return ports.readExposure(path, signal);
      read ??= await ports.readExposure(path, signal);
      return read;
    },
    tasks: {
      concurrency: ports.tasks.concurrency,
      run: async (task, input, context) => {
        const isTemplate =
          task.name === preprocessExposureTask.name &&
          read !== undefined &&
          (input as { readonly exposure: unknown }).exposure === read.exposure;
        if (!isTemplate) return ports.tasks.run(task, input, context);
        calibrated ??= await ports.tasks.run(task, input, context);
        return calibrated as Awaited<ReturnType<typeof task.run>>;
      },
    },
  };
}
