import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { PlaneStatistics } from './model.ts';
import { type TiledPlace, TileLoader, type WantedTile } from './tile-loader.ts';
import { TileMemory } from './tile-memory.ts';
import { TileProbe } from './tile-probe.ts';
import { makeTiledSource } from './tiled-plane.ts';

interface Asked {
  readonly query: URLSearchParams;
  isCancelled: boolean;
  answer(): void;
}

/** A core that answers when it is told to: pixels whose value is 1000 y + x of the image. */
async function serve(): Promise<{ readonly asked: Asked[]; readonly plane: TiledPlace }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const query = new URL(request.url!, 'http://core').searchParams;
    const number = (name: string, otherwise: number): number => Number(query.get(name) ?? otherwise);
    const one: Asked = {
      query,
      isCancelled: false,
      answer: () => {
        const step = number('step', 1);
        const [columns, rows] = [Math.ceil(number('width', 0) / step), Math.ceil(number('height', 0) / step)];
        const pixels = Float32Array.from(
          { length: columns * rows },
          (_, i) =>
            1000 * (number('y', 0) + step * Math.floor(i / columns)) + number('x', 0) + step * (i % columns),
        );
        response.end(Buffer.from(pixels.buffer));
      },
    };
    response.on('close', () => {
      one.isCancelled = !response.writableFinished;
    });
    asked.push(one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pixels?hdu=0`;
  return { asked, plane: { id: 'p', url, width: 5000, height: 700 } };
}

function open(budgetBytes = 1e9): {
  memory: TileMemory;
  loader: TileLoader;
  arrived: string[];
  failed: number[];
} {
  const arrived: string[] = [];
  const failed: number[] = [];
  const memory = new TileMemory(budgetBytes);
  const loader = new TileLoader(memory, {
    onArrive: (id) => void arrived.push(id),
    onFailure: (_id, status) => void failed.push(status),
  });
  onTestFinished(() => loader.close());
  return { memory, loader, arrived, failed };
}

const want = (plane: TiledPlace, level: number, x: number, y: number, distance: number): WantedTile => ({
  plane,
  level,
  x,
  y,
  distance,
  isPrefetch: false,
});

it('asks for the nearest tiles first, neighbours in a row together, and cuts them apart', async () => {
  const { asked, plane } = await serve();
  const { memory, loader, arrived } = open();
  const tiles = [0, 1].flatMap((y) => [16, 17, 18, 19].map((x) => want(plane, 0, x, y, Math.abs(y - 1))));
  loader.want({}, tiles);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked.map(({ query }) => query.get('y'))).toEqual(['256', '0']);
  expect(asked[0]!.query.get('x')).toBe('4096');
  // The last tile is cut by the rim of the image.
  expect(asked[0]!.query.get('width')).toBe('904');
  for (const one of asked) one.answer();
  await vi.waitFor(() => expect(arrived).toEqual(['p', 'p']));
  const last = memory.get('p/0/19/1')!;
  expect([last.width, last.height, last.data[0], last.data.at(-1)]).toEqual([
    136,
    256,
    1000 * 256 + 19 * 256,
    1000 * 511 + 4999,
  ]);
});

it('asks for reduced tiles as means', async () => {
  const { asked, plane } = await serve();
  const { memory, loader } = open();
  loader.want({}, [want(plane, 2, 1, 0, 0)]);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  expect(Object.fromEntries(asked[0]!.query)).toEqual({
    hdu: '0',
    x: '1024',
    y: '0',
    width: '1024',
    height: '700',
    step: '4',
    reduce: 'mean',
  });
  asked[0]!.answer();
  await vi.waitFor(() => expect(memory.get('p/2/1/0')).toMatchObject({ width: 256, height: 175 }));
});

it('leaves what nobody waits for any more, and goes on with what is wanted now', async () => {
  const { asked, plane } = await serve();
  const { memory, loader } = open();
  const pane = {};
  loader.want(
    pane,
    [0, 2, 4, 6, 8].map((x) => want(plane, 0, x, 0, x)),
  );
  // Four lines at most: the fifth waits.
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  loader.want(pane, [want(plane, 0, 12, 0, 0)]);
  await vi.waitFor(() => expect(asked).toHaveLength(5));
  await vi.waitFor(() => expect(asked.slice(0, 4).every(({ isCancelled }) => isCancelled)).toBe(true));
  expect(asked[4]!.query.get('x')).toBe('3072');
  asked[4]!.answer();
  await vi.waitFor(() => expect(memory.has('p/0/12/0')).toBe(true));
  expect(asked).toHaveLength(5);
});

/** A source whose tiles all have to be fetched. */
const tiled = (plane: TiledPlace, memory: TileMemory, loader: TileLoader, probe: TileProbe) =>
  makeTiledSource(
    plane,
    { firstLevel: 3, levels: [], isSampled: true, statistics: {} as PlaneStatistics },
    memory,
    loader,
    probe,
  );

it('fetches ahead only what fits beside what is shown, and then rests', async () => {
  const { asked, plane } = await serve();
  // Two tiles are in view and ten lie around them: six of the twelve fit.
  const { memory, loader, arrived } = open(6 * 256 * 256 * 4);
  const source = tiled(plane, memory, loader, new TileProbe(memory, loader));
  const pane = {};
  const draw = () => source.show!(pane, { level: 0, x0: 8, y0: 1, columns: 2, rows: 1 });
  draw();
  let answered = 0;
  let quiet = 0;
  // Every tile that comes is drawn, as a pane does; thirty times over is what never ends.
  while (quiet < 5 && answered < 30) {
    const wasAsked = answered;
    while (answered < asked.length) asked[answered++]!.answer();
    await vi.waitFor(() => expect(arrived).toHaveLength(answered));
    draw();
    await new Promise((resolve) => setTimeout(resolve, 20));
    quiet = answered === wasAsked ? quiet + 1 : 0;
  }
  const pixels = asked.reduce(
    (sum, { query }) => sum + Number(query.get('width')) * Number(query.get('height')),
    0,
  );
  const { visible, prefetch, recent } = memory.bytes;
  expect(4 * pixels).toBe(visible + prefetch);
  expect([visible, recent]).toEqual([2 * 256 * 256 * 4, 0]);
  expect(prefetch).toBeGreaterThan(2 * 256 * 256 * 4);
});

it('fetches the tiles of single pixels once, also where memory is full of what is shown, until nobody looks', async () => {
  const { asked, plane } = await serve();
  const { memory, loader, arrived } = open(2 * 256 * 256 * 4);
  const probe = new TileProbe(memory, loader);
  const source = tiled(plane, memory, loader, probe);
  const pane = {};
  memory.show(pane, new Set(['p/0/0/0', 'p/0/1/0']));
  const shown = (x: number) => want(plane, 0, x, 0, 0);
  loader.want(pane, [shown(0), shown(1)]);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  asked[0]!.answer();
  await vi.waitFor(() => expect(arrived).toHaveLength(1));
  // A panel around the corner of four tiles, whose last pixel is there already.
  const panel = () =>
    [
      [767, 255],
      [768, 255],
      [767, 256],
      [768, 256],
      [511, 255],
    ].map(([x, y]) => source.valueAt(x!, y!));
  expect(panel()).toEqual([undefined, undefined, undefined, undefined, 255_511]);
  await vi.waitFor(() => expect(asked).toHaveLength(3));
  asked[1]!.answer();
  asked[2]!.answer();
  await vi.waitFor(() => expect(arrived).toHaveLength(3));
  // A better look at the plane is another source of it, which wants nothing of its own.
  tiled(plane, memory, loader, probe).valueAt(767, 255);
  expect(panel()).toEqual([255_767, 255_768, 256_767, 256_768, 255_511]);
  expect(asked).toHaveLength(3);
  probe.forget();
  expect(memory.bytes.visible).toBe(2 * 256 * 256 * 4);
  memory.drop('p/');
  loader.want(pane, [shown(9)]);
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  expect(asked[3]!.query.get('x')).toBe(String(9 * 256));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(asked).toHaveLength(4);
});
