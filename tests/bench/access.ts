/**
 * What it costs to know who asks: processor time of a key and of a sign-in, new and known, and of finding a route.
 *
 *   npx node tests/bench/access.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openDatabase } from '../../core/adapters/db/index.ts';
import { findRoute, LOCAL } from '../../core/api/index.ts';
import { openKeyRing } from '../../core/app/keep-keys.ts';
import { createRateLimiter } from '../../core/app/limit-rate.ts';
import { openSignIns } from '../../core/app/verify-token.ts';
import { startSignInStandIn } from '../services/sign-in-stand-in.ts';

const folder = mkdtempSync(join(tmpdir(), 'astrid-bench-'));
const database = await openDatabase({
  folder,
  migrationsFolder: resolve('migrations/sqlite'),
  log: { warn: () => undefined },
});

/** Print processor time of one turn, all threads, mean of many. */
async function measure(what: string, turns: number, work: (turn: number) => unknown): Promise<void> {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn++) await work(turn);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `${what.padEnd(44)} ${((user + system) / turns / 1000).toFixed(turns > 1000 ? 4 : 2).padStart(9)} ms`,
  );
}

const ring = openKeyRing(database.keys);
const { key } = await ring.create({ name: 'bench', role: 'viewer', expiresInDays: 1 }, LOCAL);
await measure('a key that was not here before (argon2id)', 20, () => openKeyRing(database.keys).admit(key));
await ring.admit(key);
await measure('a key that is known', 100_000, () => ring.admit(key));

const server = await startSignInStandIn();
for (const algorithm of ['ES256', 'RS256'] as const) {
  await server.rotate(algorithm);
  const { issuer } = server;
  const keys = { kind: 'jwks', url: server.keysUrl } as const;
  const signIns = openSignIns({ issuer, audience: 'authenticated', roleClaim: 'role', keys });
  const tokens = await Promise.all(Array.from({ length: 501 }, (_, n) => server.sign({ sub: String(n) })));
  await signIns.admit(tokens[500]!);
  await measure(`a sign-in that was not here before (${algorithm})`, 500, (n) => signIns.admit(tokens[n]!));
  await measure('a sign-in that is known', 100_000, () => signIns.admit(tokens[0]!));
}
const url = new URL('http://127.0.0.1/api/v1/audit');
await measure('the route, of those that come last', 100_000, () => findRoute('GET', url));
const limiter = createRateLimiter({ perSecond: 1e6, burst: 1e9 });
await measure('a rate limit among 10,000 names', 100_000, (n) => limiter.take(String(n % 10_000)));

await server.close();
await ring.close();
database.close();
rmSync(folder, { recursive: true });
