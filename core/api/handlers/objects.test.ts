import { describe, expect, test } from 'vitest';
import { openWorkstation } from '../../../tests/support/open-workstation.ts';

describe('the name of an object, asked over the door,', () => {
  test('is given, changed by who saw it as it is, taken away, and listed', async () => {
    const { fetch } = await openWorkstation();
    const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
      const response = await fetch(
        new Request(`http://127.0.0.1/api/v1/catalog/${path}`, {
          method,
          headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
        }),
      );
      const told = (await response.json()) as Record<string, unknown>;
      return { status: response.status, etag: response.headers.get('etag') ?? '', told };
    };
    const { told } = await ask('GET', 'objects?limit=1');
    const [object] = told.items as { id: string; name: string }[];
    const path = `objects/${object!.id}/name`;
    const plain = await ask('GET', path);
    expect(plain.told).toEqual({ id: object!.id, name: object!.name });
    const given = await ask('PUT', path, { givenName: ' nova ' }, { 'if-match': plain.etag });
    expect(given).toMatchObject({ status: 200, told: { name: object!.name, givenName: 'nova' } });
    // Somebody was faster.
    const late = await ask('PUT', path, { givenName: 'mine' }, { 'if-match': plain.etag });
    expect(late).toMatchObject({ status: 412, told: { code: 'api/precondition-failed' } });
    expect((await ask('GET', `objects/${object!.id}`)).told.object).toMatchObject({ givenName: 'nova' });
    expect((await ask('GET', 'object-names')).told.items).toMatchObject([{ givenName: 'nova' }]);
    for (const givenName of ['', '   ', 'two\nlines', 'x'.repeat(101), 7])
      expect((await ask('PUT', path, { givenName })).told.code).toBe('api/invalid-input');
    expect((await ask('DELETE', path)).told).toEqual({ id: object!.id, name: object!.name });
    expect((await ask('GET', 'object-names')).told.items).toEqual([]);
    const nowhere = 'objects/0195b000-0000-7000-8000-0000000000ff/name';
    for (const method of ['GET', 'DELETE'])
      expect(await ask(method, nowhere)).toMatchObject({
        status: 404,
        told: { code: 'catalog/object-not-found' },
      });
  });
});
