import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Console } from './console.ts';
import { withDoor } from './with-door.ts';

const SILENT: Console = { print: vi.fn(), say: vi.fn(), status: vi.fn(), complain: vi.fn() };

afterEach(() => vi.unstubAllEnvs());

describe('the door of a workspace that is served', () => {
  it('tells that another server answers when what it says is no JSON, even where it says that all is well', async () => {
    vi.stubEnv('ASTRID_API_KEY', 'a key');
    const server = createServer((_, response) => response.end('<!doctype html>Sign in to this network'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const asked = withDoor({ url }, SILENT, async (ask) => {
        await ask('GET', '/objects');
      });
      await expect(asked).rejects.toMatchObject({ code: 'api/unreachable' });
    } finally {
      server.close();
    }
  });
});
