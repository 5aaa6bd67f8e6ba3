import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../support/serve-folder.ts';

/** Workspaces that pictures are taken of. */
export const WORKSPACES = ['empty', 'full', 'errors'] as const;
export type WorkspaceName = (typeof WORKSPACES)[number];

/**
 * Make a workspace to be looked at, once: nothing in it; the sample night, processed and partly labelled; or the
 * sample night beside files that cannot be read.
 *
 * @returns its folder.
 */
export async function makeWorkspace(name: WorkspaceName, folder: string): Promise<string> {
  const workspace = join(folder, name);
  const whole = join(workspace, 'whole');
  if (existsSync(whole)) return workspace;
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  if (name !== 'empty') {
    const served = await serve(workspace);
    const ask = makeAsk(await enter(served.address), new URL(served.address).origin);
    if (name === 'errors') await queueBadFiles(ask, join(workspace, 'night'));
    await ask('POST', '/runs/sample-night');
    await isOver(ask);
    if (name === 'full') {
      await labelSome(ask);
      await disagree(ask);
    }
    await served.close();
  }
  writeFileSync(whole, '');
  return workspace;
}

type Ask = <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;

/** Follow the printed address once. @returns the cookie that opens the door from then on */
async function enter(address: string): Promise<string> {
  const response = await fetch(address, { redirect: 'manual' });
  return response.headers.get('set-cookie')!.split(';')[0]!;
}

function makeAsk(cookie: string, origin: string): Ask {
  return async (method, path, body) => {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { cookie, origin, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json() as never;
  };
}

/** Files that every observatory has seen: no FITS, cut off, and not there. */
async function queueBadFiles(ask: Ask, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const card = (text: string): string => text.padEnd(80);
  const header = [
    'SIMPLE  =                    T',
    'BITPIX  =                  -32',
    'NAXIS   =                    2',
    'NAXIS1  =                 2048',
    'NAXIS2  =                 2048',
    "OBJECT  = 'NGC 4993'",
    'END',
  ];
  const whole = header.map(card).join('').padEnd(2880);
  const broken = header.map((text) => card(text.replace('-32', 'x32'))).join('');
  const files = {
    'autosave.fits': 'Observing log, 2026-03-01: clouds until 02:10, then good.\n',
    'ngc4993-r-0042.fits': whole + '\0'.repeat(40_000),
    'ngc4993-r-0043.fits': broken.padEnd(2880),
    'ngc4993-template.fits': whole + '\0'.repeat(40_000),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  for (const name of [...Object.keys(files).slice(0, 3), 'ngc4993-r-0044.fits'])
    await ask('POST', '/runs', {
      sciencePath: join(folder, name),
      templatePath: join(folder, 'ngc4993-template.fits'),
    });
}

async function isOver(ask: Ask): Promise<void> {
  for (;;) {
    const { items } = await ask<{ items: { status: string }[] }>('GET', '/runs?limit=50');
    if (items.every(({ status }) => status !== 'queued' && status !== 'running')) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Label most of the first candidates as their score has it, some against it, so that plots have both kinds. */
async function labelSome(ask: Ask): Promise<void> {
  const { items } = await ask<{ items: { id: string; score: number }[] }>('GET', '/candidates?limit=60');
  for (const [i, { id, score }] of items.slice(0, Math.ceil(items.length * 0.8)).entries()) {
    const isReal = i % 9 === 4 ? score < 0.5 : score >= 0.5;
    const verdict = i % 13 === 7 ? 'unsure' : isReal ? 'real' : 'bogus';
    const label = `0190a000-0000-7000-8000-${i.toString(16).padStart(12, '0')}`;
    await ask('POST', `/candidates/${id}/labels`, { id: label, verdict, decisionMs: 900 + 40 * i });
  }
}

/** Two others who label a dozen of the same candidates, and do not always see the same in them. */
async function disagree(ask: Ask): Promise<void> {
  const { items } = await ask<{ items: { id: string; label?: { verdict: string } }[] }>(
    'GET',
    '/candidates?limit=60',
  );
  // With so few labels skill is soon sure of itself: what is to be photographed waits for its last word.
  await ask('PUT', '/curation/consensus', { retireAt: 0.9999 });
  const common = items.filter(({ label }) => label !== undefined).slice(0, 12);
  const idOf = (k: number): string => `0190b000-0000-7000-8000-${k.toString(16).padStart(12, '0')}`;
  for (const [k, name] of ['Ada', 'Tycho'].entries()) {
    const curatorId = idOf(1000 + k);
    await ask('PUT', `/curators/${curatorId}`, {
      id: curatorId,
      name,
      shortId: name.slice(0, 3).toUpperCase(),
      colour: k + 1,
      shape: k === 0 ? 'square' : 'triangle',
    });
    const events = common.flatMap(({ id, label }, i): object[] => {
      const isDisputed = i % 5 === 1;
      const other = label!.verdict === 'real' ? 'bogus' : 'real';
      // Real, bogus and unsure of one candidate: only a last word settles that.
      const verdict = isDisputed ? (k === 0 ? other : 'unsure') : label!.verdict;
      const event = { kind: 'label', id: idOf(100 * k + i), candidateId: id, verdict, scoreVisible: false };
      if (!isDisputed) return [{ ...event, decisionMs: 1500 + 90 * i }];
      const text = k === 0 ? 'It is as wide as the star beside it.' : 'The seeing of the template is worse.';
      return [
        {
          ...event,
          decisionMs: 4000,
          confidence: 'low',
          ...(verdict === 'bogus' ? { classId: 'dipole' } : {}),
        },
        { kind: 'comment', id: idOf(500 + 100 * k + i), candidateId: id, text },
      ];
    });
    await ask('POST', '/curation/events', { curatorId, events });
  }
}
