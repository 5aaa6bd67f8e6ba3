import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOCAL } from '../../core/api/index.ts';
import { type App, createApp, pathsOfCheckout, writeSimulatedField } from '../../core/app/index.ts';
import type { TruthRow } from '../../core/domains/observations/index.ts';
import { makeSharedFolder } from './run-astrid.ts';

const folder = makeSharedFolder();

interface Point {
  readonly kind: 'measured' | 'failed';
  readonly sciencePath: string;
  readonly changeE: number;
  readonly changeErrE: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly errorCode: string;
}

describe('a place on the sky, asked for over the runs of a workspace', () => {
  let app: App;
  let rows: readonly TruthRow[];

  beforeAll(async () => {
    app = await createApp({
      host: 'direct',
      workspaceDir: join(folder, 'workspace'),
      paths: pathsOfCheckout(process.cwd()),
      worksQueue: false,
    });
    const config = {
      sizePx: 320,
      stars: 160,
      transients: 6,
      seed: 12,
      recipe: { snrRange: [20, 40] as const },
    };
    const field = await writeSimulatedField(join(folder, 'field'), config, app.threads);
    rows = field.rows;
    await app.processPair({ sciencePath: field.science, templatePath: field.template });
  }, 120_000);
  afterAll(() => app.close());

  async function ask(raDeg: number, decDeg: number): Promise<{ status: number; points: readonly Point[] }> {
    const response = await app.fetch(
      new Request('astrid://app/api/v1/light-curves', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ raDeg, decDeg }),
      }),
      LOCAL,
    );
    const body = (await response.json()) as { points?: readonly Point[] };
    return { status: response.status, points: body.points ?? [] };
  }

  test('has its change from each run that covers it, and no point where none does', async () => {
    const row = rows.find(({ kind }) => kind === 'hostless')!;
    const { status, points } = await ask(row.raDeg, row.decDeg);
    expect(status).toBe(200);
    expect(points).toHaveLength(1);
    const [point] = points;
    expect(point!.kind).toBe('measured');
    expect(Math.hypot(point!.xPx - row.xPx, point!.yPx - row.yPx)).toBeLessThan(0.5);
    expect(Math.abs(point!.changeE - row.fluxE)).toBeLessThan(
      4 * point!.changeErrE + 0.03 * Math.abs(row.fluxE),
    );
    // A degree away, and a field's width (half an arcsecond a pixel) to either side.
    for (const offDeg of [1, 0.046, -0.046]) {
      expect((await ask(row.raDeg, row.decDeg + offDeg)).points).toEqual([]);
    }
  });

  test('is refused where it is no place', async () => {
    expect((await ask(400, 0)).status).toBe(422);
    expect((await ask(10, -91)).status).toBe(422);
  });

  test('is a point that says so where the pixels of a run are gone', async () => {
    const row = rows[0]!;
    rmSync(join(folder, 'workspace/blobs'), { recursive: true });
    const { status, points } = await ask(row.raDeg, row.decDeg);
    expect(status).toBe(200);
    expect(points).toMatchObject([{ kind: 'failed', errorCode: 'storage/not-found' }]);
  });
});
