import { describe, expect, test } from 'vitest';
import { isLoadable, isOutsidePage, isOwnPage, isPermitted, isSavable } from './navigation-policy.ts';

const foreign = [
  'https://example.com/',
  'http://127.0.0.1:8080/',
  'file:///etc/passwd',
  'astrid://elsewhere/',
  'astrid://app.evil.example/',
  'astrid://user@app/',
  'astrid:app',
  'javascript:alert(1)',
  'about:blank',
  '',
  'app',
];

describe('the navigation policy', () => {
  test('knows its own pages', () => {
    for (const address of ['astrid://app/', 'astrid://app/field?x=1#/queue', 'astrid://app'])
      expect([address, isOwnPage(address)]).toEqual([address, true]);
    for (const address of foreign) expect([address, isOwnPage(address)]).toEqual([address, false]);
  });

  test('lets a page load the door and what it made itself', () => {
    for (const address of ['astrid://app/blob/0', 'data:image/png,x', 'blob:astrid://app/1'])
      expect([address, isLoadable(address)]).toEqual([address, true]);
    for (const address of foreign) expect([address, isLoadable(address)]).toEqual([address, false]);
  });

  test('lets tables be saved and what the window made, and nothing else', () => {
    expect(isSavable('astrid://app/api/v1/exports/objects?format=fits')).toBe(true);
    expect(isSavable('blob:astrid://app/1')).toBe(true);
    for (const address of [
      ...foreign,
      'astrid://app/blob/0',
      'astrid://app/api/v1/runs',
      'blob:https://example.com/1',
    ])
      expect([address, isSavable(address)]).toEqual([address, false]);
  });

  test('leads to the services that it links to, in their own browser, and nowhere else', () => {
    expect(isOutsidePage('https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=1')).toBe(true);
    for (const address of [
      ...foreign,
      'http://simbad.cds.unistra.fr/',
      'https://simbad.cds.unistra.fr.example/',
      'https://user@www.wis-tns.org/',
    ])
      expect([address, isOutsidePage(address)]).toEqual([address, false]);
  });

  test('lets a page copy text and nothing else, and no other page that', () => {
    expect(isPermitted('clipboard-sanitized-write', 'astrid://app/')).toBe(true);
    expect(isPermitted('clipboard-sanitized-write', 'https://example.com/')).toBe(false);
    for (const permission of [
      'clipboard-read',
      'geolocation',
      'media',
      'notifications',
      'openExternal',
      'fullscreen',
    ])
      expect(isPermitted(permission, 'astrid://app/')).toBe(false);
  });
});
