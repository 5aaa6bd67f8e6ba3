import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openWorkstation } from '../../tests/support/open-workstation.ts';
import { startStandInHub } from '../../tests/support/stand-in-hub.ts';
import { makeTemporaryFolder } from '../../tests/support/temporary-workspace.ts';
import { parseVotable } from '../adapters/archives/index.ts';
import { openFitsBytes } from '../adapters/imaging/index.ts';
import { createFolderBlobStore } from '../adapters/storage/index.ts';
import type { SampNews } from '../api/contract/index.ts';
import { parseWcs, pixelToSky } from '../domains/observations/index.ts';
import { createSampDesk } from './talk-samp.ts';

/** Messages cross two sockets, on a machine that may be busy. */
const WITHIN = { timeout: 30_000 };

async function open({ hasHub = true, isOn = true } = {}) {
  const home = makeTemporaryFolder();
  const hub = hasHub ? await startStandInHub(home) : undefined;
  const { database, seed, folder } = await openWorkstation();
  if (isOn) await database.settings.set('samp', { isOn: true });
  const desk = createSampDesk({
    database,
    blobs: await createFolderBlobStore(join(folder, 'blobs')),
    inboxDir: join(home, 'inbox'),
    version: '1.2.3',
    joinsAtOnce: false,
    home,
  });
  const news: SampNews[] = [];
  desk.subscribe((one) => news.push(one));
  onTestFinished(async () => {
    await desk.close();
    await hub?.close();
  });
  return { home, hub: hub!, desk, news, seed };
}

const message = (mtype: string, params: Record<string, string | string[]>) => ({
  'samp.mtype': mtype,
  'samp.params': params,
});

describe('the desk', () => {
  test('is off until it is switched on, and says good-bye when it is switched off', async () => {
    const { desk, hub } = await open({ isOn: false });
    expect(await desk.state()).toEqual({ isOn: false, link: 'off', peers: [] });
    await expect(desk.pointAt({ raDeg: 1, decDeg: 2 })).rejects.toThrow('SAMP is off');
    expect(hub.names()).toEqual([]);
    expect(await desk.switch(true)).toMatchObject({ isOn: true, link: 'connected' });
    expect(hub.names()).toEqual(['AstrID']);
    expect(await desk.switch(false)).toMatchObject({ isOn: false, link: 'off' });
    expect(hub.names()).toEqual([]);
  });

  test('without a hub says what brings one, and joins when there is one', async () => {
    const { desk, home } = await open({ hasHub: false });
    expect(await desk.state()).toMatchObject({ isOn: true, link: 'no-hub' });
    await expect(desk.pointAt({ raDeg: 1, decDeg: 2 })).rejects.toMatchObject({ code: 'api/samp-no-hub' });
    const hub = await startStandInHub(home);
    expect(await desk.state()).toMatchObject({ link: 'connected' });
    await hub.close();
  });

  test('leaves a hub that was killed or has forgotten it, and joins the one that is there after it', async () => {
    const { desk, hub, home, news } = await open();
    expect(await desk.state()).toMatchObject({ link: 'connected' });
    await hub.close();
    expect(await desk.state()).toMatchObject({ link: 'failed' });
    const second = await startStandInHub(home);
    second.addPeer('TOPCAT', ['coord.pointAt.sky']);
    expect((await desk.state()).peers).toMatchObject([{ name: 'TOPCAT' }]);
    // What is sent to a peer who has left is no reason to leave the hub.
    await expect(desk.pointAt({ raDeg: 1, decDeg: 2 }, 'gone')).rejects.toMatchObject({
      code: 'api/samp-refused',
    });
    expect(second.names()).toEqual(['TOPCAT', 'AstrID']);
    await second.close();
    news.length = 0;
    await expect(desk.pointAt({ raDeg: 1, decDeg: 2 })).rejects.toMatchObject({ code: 'api/samp-no-hub' });
    expect(news).toEqual([{ kind: 'peers' }]);
    const third = await startStandInHub(home);
    third.addPeer('DS9', ['coord.pointAt.sky']);
    expect(await desk.pointAt({ raDeg: 1, decDeg: 2 })).toBe(1);
    third.forget('AstrID');
    expect((await desk.state()).peers).toMatchObject([{ name: 'DS9' }]);
    expect(third.names()).toEqual(['DS9', 'AstrID']);
    await third.close();
  });

  test('is not at a hub that ended while it was joined', async () => {
    const { desk, hub } = await open();
    hub.endWhileJoined();
    expect(await desk.state()).toMatchObject({ link: 'no-hub', message: 'The SAMP hub has ended.' });
  });

  test('names the others by what they take', async () => {
    const { desk, hub } = await open();
    const viewer = hub.addPeer('Viewer', ['image.load.fits', 'coord.pointAt.sky']);
    hub.addPeer('Table', ['table.load.*']);
    hub.addPeer('Deaf', []);
    const takes = { takesImages: false, takesTables: false, takesPlaces: false };
    expect((await desk.state()).peers).toEqual([
      { ...takes, id: viewer, name: 'Viewer', takesImages: true, takesPlaces: true },
      { ...takes, id: 'c2', name: 'Table', takesTables: true },
    ]);
  });

  test('sends a place, an image with its sky and the candidates, each fetched from here', async () => {
    const { desk, hub, seed } = await open();
    const peer = hub.addPeer('Both', ['image.load.fits', 'table.load.votable', 'coord.pointAt.sky']);
    expect(await desk.pointAt({ raDeg: 10.5, decDeg: -0.25 })).toBe(1);
    expect(await desk.sendImage(seed.doneRunId, 'science', peer)).toBe(1);
    expect(await desk.sendCandidates(seed.doneRunId, 'tester')).toBe(1);
    const [place, image, table] = hub.passed.map(({ message: { 'samp.params': params } }) => params) as [
      Record<string, string>,
      Record<string, string>,
      Record<string, string>,
    ];
    expect(place).toEqual({ ra: '10.50000000', dec: '-0.25000000' });
    const fits = await openFitsBytes(
      new Uint8Array(await (await fetch(image.url!)).arrayBuffer()),
      'sent.fits',
    );
    const { plane: pixels, header } = await fits.readImage();
    expect([pixels.width, pixels.height]).toEqual([40, 30]);
    expect(pixels.data[2 * 40 + 5]).toBe(205);
    // The seeded sky has its first node at pixel (0, 0) and another 40 px to the right, a degree away.
    const sky = pixelToSky(parseWcs(header)!, 0, 0);
    expect(sky.raDeg).toBeCloseTo(10, 2);
    expect(sky.decDeg).toBeCloseTo(0, 2);
    expect(table['table-id']).toBe(`astrid-candidates-${seed.doneRunId}`);
    const text = await (await fetch(table.url!)).text();
    const { table: rows } = parseVotable(text, 'sent', () => 'number');
    expect(rows.rowCount).toBe(12);
    expect((rows.columns.get('raDeg') as Float64Array)[3]).toBeCloseTo(10.003, 9);
    // Nobody guesses an address.
    expect(
      (await fetch(table.url!.replace(/\/[0-9a-f]{32}\//, '/00000000000000000000000000000000/'))).status,
    ).toBe(404);
    await expect(desk.sendImage(seed.doneRunId, 'score')).rejects.toMatchObject({
      code: 'pipeline/no-plane',
    });
  });
});

describe('what others send', () => {
  test('comes as news: places, rows of our own table by their candidates, files', async () => {
    const { desk, hub, news, seed, home } = await open();
    await desk.state();
    const peer = hub.addPeer('TOPCAT', ['table.load.votable']);
    await desk.sendCandidates(seed.doneRunId, 'tester');
    news.length = 0;
    const table = `astrid-candidates-${seed.doneRunId}`;
    await hub.send(peer, message('coord.pointAt.sky', { ra: '370.5', dec: '-12' }));
    await hub.send(peer, message('table.highlight.row', { 'table-id': table, row: '2' }));
    await hub.send(
      peer,
      message('table.select.rowList', { 'table-id': table, 'row-list': ['0', '11', '99'] }),
    );
    const image = join(home, 'an image.fits');
    writeFileSync(image, 'pixels');
    await hub.send(peer, message('image.load.fits', { url: pathToFileURL(image).href, name: 'M 31' }));
    await vi.waitFor(() => expect(news).toHaveLength(4), WITHIN);
    const from = 'TOPCAT';
    expect(news[0]).toEqual({ kind: 'point', from, raDeg: 10.5, decDeg: -12 });
    expect(news[1]).toMatchObject({ kind: 'rows', from, tableId: table, rows: [2] });
    expect(news[2]).toMatchObject({ kind: 'rows', rows: [0, 11, 99] });
    const ids = news.flatMap((one) => (one.kind === 'rows' ? (one.candidateIds ?? []) : []));
    expect(ids).toHaveLength(3);
    expect(news[3]).toEqual({ kind: 'image', from, name: 'M 31', path: image });
  });

  test('a table over HTTP from this machine is fetched, and its places are kept row by row', async () => {
    const { desk, hub, news, home } = await open();
    await desk.state();
    const peer = hub.addPeer('Aladin', []);
    const votable = `<VOTABLE version="1.4"><RESOURCE><TABLE><FIELD name="RA_ICRS" datatype="double"/><FIELD name="DE_ICRS" datatype="double"/>
      <DATA><TABLEDATA><TR><TD>10</TD><TD>1</TD></TR><TR><TD></TD><TD></TD></TR><TR><TD>12.5</TD><TD>-3</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>`;
    const server = createServer((_, response) => response.end(votable));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stars.vot`;
    await hub.send(peer, message('table.load.votable', { url, 'table-id': 't1', name: 'stars' }));
    await vi.waitFor(
      () => expect(news.at(-1)).toMatchObject({ kind: 'table', id: 't1', rowCount: 3 }),
      WITHIN,
    );
    expect(await desk.table('t1')).toEqual({
      id: 't1',
      name: 'stars',
      from: 'Aladin',
      raDeg: [10, null, 12.5],
      decDeg: [1, null, -3],
    });
    await expect(desk.table('t2')).rejects.toMatchObject({ code: 'api/samp-table-not-found' });
    expect(existsSync(join(home, 'inbox'))).toBe(true);
    await desk.close();
    expect(existsSync(join(home, 'inbox'))).toBe(false);
  });

  test.each([
    [
      'a file of another machine',
      'image.load.fits',
      { url: 'http://example.org/x.fits' },
      'api/samp-not-local',
    ],
    ['an image without an address', 'image.load.fits', {}, 'api/samp-malformed'],
    ['a row that is no number', 'table.highlight.row', { 'table-id': 't', row: '-1' }, 'api/samp-malformed'],
    ['a place that is none', 'coord.pointAt.sky', { ra: 'x', dec: '1' }, 'api/samp-malformed'],
    ['a place beyond the pole', 'coord.pointAt.sky', { ra: '1', dec: '91' }, 'api/samp-malformed'],
  ] as const)('%s is refused, and the person is told why', async (_, mtype, params, code) => {
    const { desk, hub, news } = await open();
    await desk.state();
    const peer = hub.addPeer('Other', []);
    news.length = 0;
    await hub.call(peer, 'call-1', message(mtype, params));
    await vi.waitFor(() => expect(hub.replies.has('call-1')).toBe(true), WITHIN);
    expect(hub.replies.get('call-1')).toMatchObject({ 'samp.status': 'samp.error' });
    expect(news).toEqual([{ kind: 'refused', from: 'Other', message: expect.any(String) }]);
    expect(code).toMatch(/^api/);
  });

  test('a ping is answered', async () => {
    const { desk, hub } = await open();
    await desk.state();
    await hub.call(hub.addPeer('Other', []), 'call-2', message('samp.app.ping', {}));
    await vi.waitFor(
      () => expect(hub.replies.get('call-2')).toMatchObject({ 'samp.status': 'samp.ok' }),
      WITHIN,
    );
  });

  test('calls without the key and text that is no message change nothing', async () => {
    const { desk, hub, news } = await open();
    await desk.state();
    news.length = 0;
    const forged = `<methodCall><methodName>samp.client.receiveNotification</methodName><params>
      <param><value>guessed</value></param><param><value>hub</value></param>
      <param><value><struct><member><name>samp.mtype</name><value>samp.hub.event.shutdown</value></member></struct></value></param></params></methodCall>`;
    expect(await hub.sendRaw(forged)).toContain('does not bear the key');
    expect(await hub.sendRaw('<a><b></a>')).toContain('cannot be read');
    expect(await hub.sendRaw('x'.repeat(2 << 20)).catch(() => 'cut off')).toMatch(/longer than|cut off/);
    expect(news).toEqual([]);
    expect(await desk.state()).toMatchObject({ link: 'connected' });
  });

  test('when the hub ends, the desk says so and waits for another', async () => {
    const { desk, hub, news } = await open();
    await desk.state();
    // A peer that plays the hub is not believed.
    await hub.send(hub.addPeer('Liar', []), message('samp.hub.event.shutdown', {}));
    expect(await desk.state()).toMatchObject({ link: 'connected' });
    await hub.send('hub', message('samp.hub.event.shutdown', {}));
    await hub.close();
    await vi.waitFor(() => expect(news.at(-1)).toEqual({ kind: 'peers' }), WITHIN);
    expect(await desk.state()).toMatchObject({ isOn: true, link: 'failed' });
    expect(readFileSync(join(hub.home, '.samp'), 'utf8')).toContain('samp.secret');
  });
});
