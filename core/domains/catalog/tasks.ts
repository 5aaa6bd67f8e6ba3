import type { Task } from '../../utils/index.ts';
import {
  calibrateField,
  type FieldCalibration,
  type FieldToCalibrate,
  type NearbyCatalog,
} from './calibrate-field.ts';
import type { CatalogConfig } from './config.ts';

/** `calibrateField` as a task for a thread. */
export const calibrateFieldTask: Task<
  {
    readonly field: FieldToCalibrate;
    readonly catalogs: readonly NearbyCatalog[];
    readonly config: CatalogConfig;
  },
  FieldCalibration
> = {
  name: 'catalog.calibrate-field',
  run: ({ field, catalogs, config }) => calibrateField(field, catalogs, config),
};
