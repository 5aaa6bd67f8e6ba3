import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import { createApp } from './compose.ts';
import { pathsOfCheckout } from './paths.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

describe('the program', () => {
  test('lets go of its workspace also where a part of it cannot be closed, and says what failed', async () => {
    const options = {
      host: 'direct',
      workspaceDir: makeTemporaryFolder(),
      paths: pathsOfCheckout(CHECKOUT),
      worksQueue: false,
    } as const;
    const app = await createApp(options);
    vi.spyOn(app.keys, 'close').mockRejectedValue(new Error('no space left on device'));
    await expect(app.close()).rejects.toThrow('no space left');
    // Who asks again hears the same, and nothing is closed twice.
    await expect(app.close()).rejects.toThrow('no space left');
    const again = await createApp(options);
    await again.close();
  });
});
