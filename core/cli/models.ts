import { userInfo } from 'node:os';
import { exportModel, pathsOfCheckout } from '../app/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';

/** Run `astrid models export`. @throws detection/model-missing, detection/model-corrupt */
export async function runModelsExport(
  version: string | undefined,
  options: { readonly mlflow: string; readonly name: string; readonly json?: boolean },
  out: Console,
): Promise<void> {
  const { modelsDir } = pathsOfCheckout(CHECKOUT);
  const written = await exportModel(modelsDir, options.mlflow, {
    name: options.name,
    version,
    user: userInfo().username,
  });
  if (options.json) out.print(JSON.stringify({ version: 1, ...written }));
  else {
    out.print(`${written.model}: run ${written.runId}${written.isNew ? '' : ', which was there already'}`);
    out.say(`look at it with: mlflow ui --backend-store-uri file:${options.mlflow}`);
  }
}
