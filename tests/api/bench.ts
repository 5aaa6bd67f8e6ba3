/**
 * `npm run bench:api -- --rate 500 --seconds 20`: mixed reads at a fixed rate while fields are processed, and without.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { writeSimulatedField } from '../../core/app/write-simulated-field.ts';
import { createInlineRunner } from '../../core/utils/index.ts';
import { addressOfTriplet, seedWorkspace } from '../support/seed-workspace.ts';
import { makeRandom } from '../sync/make-random.ts';
import { type Server, sendRequest } from './send-request.ts';
import { startServer } from './start-server.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '15' },
    size: { type: 'string', default: '1024' },
    'cpu-prof': { type: 'string' },
  },
});
const WITHIN_MS = 30_000;

interface Measured {
  /** From when a request was due to its answer, whole. */
  readonly milliseconds: readonly number[];
  /** How late requests left: the delay of the client itself, which the times above hold too. */
  readonly lateMs: readonly number[];
  /** What was answered in the place of what was asked. */
  readonly errors: readonly string[];
}

const ask = (server: Server, method: string, target: string, body?: unknown, agent?: Agent) =>
  sendRequest(
    server,
    {
      method,
      target,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
    },
    { withinMs: WITHIN_MS, ...(agent ? { agent } : {}) },
  );

/** Ask at a fixed rate, whether or not answers keep up: a slow answer does not spare the server the next request. */
async function load(
  server: Server,
  targets: readonly string[],
  rate: number,
  seconds: number,
): Promise<Measured> {
  // The host hangs up after 5 s of silence: a connection must not be taken up just then.
  const agent = new Agent({ keepAlive: true, maxSockets: 128, timeout: 4000 });
  const random = makeRandom(1);
  const milliseconds: number[] = [];
  const lateMs: number[] = [];
  const errors: string[] = [];
  const underway: Promise<void>[] = [];
  const beganMs = performance.now();
  for (let n = 0; n < rate * seconds; n++) {
    const dueMs = beganMs + (1000 * n) / rate;
    const waitMs = dueMs - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const target = targets[Math.floor(random() * targets.length)]!;
    lateMs.push(Math.max(0, performance.now() - dueMs));
    underway.push(
      ask(server, 'GET', target, undefined, agent).then(
        (answer) => {
          milliseconds.push(performance.now() - dueMs);
          if (answer.status !== 200 && answer.status !== 206)
            errors.push(`${target}: ${answer.status} ${new TextDecoder().decode(answer.body).slice(0, 200)}`);
        },
        (error: Error) => void errors.push(`${target}: ${error.message}`),
      ),
    );
  }
  await Promise.all(underway);
  agent.destroy();
  return { milliseconds: rising(milliseconds), lateMs: rising(lateMs), errors };
}

const rising = (values: number[]): number[] => values.sort((a, b) => a - b);
const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? 0;

async function metric(server: Server, name: string): Promise<number> {
  const text = new TextDecoder().decode((await ask(server, 'GET', '/api/v1/metrics')).body);
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

async function measure(server: Server, targets: readonly string[], label: string): Promise<void> {
  const rate = Number(values.rate);
  const seconds = Number(values.seconds);
  await metric(server, 'process_cpu_seconds_total');
  const cpuBefore = await metric(server, 'process_cpu_seconds_total');
  const clientDelay = monitorEventLoopDelay({ resolution: 1 });
  clientDelay.enable();
  const clientCpu = process.cpuUsage();
  const { milliseconds, lateMs, errors } = await load(server, targets, rate, seconds);
  clientDelay.disable();
  const { user, system } = process.cpuUsage(clientCpu);
  const [delay, most, cpuAfter] = [
    await metric(server, 'astrid_event_loop_delay_seconds{quantile="0.99"}'),
    await metric(server, 'astrid_event_loop_delay_seconds{quantile="1"}'),
    await metric(server, 'process_cpu_seconds_total'),
  ];
  console.log(
    `${label.padEnd(18)} ${rate}/s for ${seconds} s: p50 ${at(milliseconds, 0.5).toFixed(1)} ms, p99 ${at(milliseconds, 0.99).toFixed(1)} ms, ` +
      `most ${at(milliseconds, 1).toFixed(0)} ms, ${errors.length} errors; loop delay p99 ${(1000 * delay).toFixed(0)} ms; ` +
      `most since asked ${(1000 * most).toFixed(0)} ms; processor ${((1000 * (cpuAfter - cpuBefore)) / (rate * seconds)).toFixed(2)} ms a request` +
      `\n${''.padEnd(18)} the client itself: sent late p99 ${at(lateMs, 0.99).toFixed(1)} ms, most ${at(lateMs, 1).toFixed(0)} ms; loop delay p99 ${(clientDelay.percentile(99) / 1e6).toFixed(0)} ms; processor ${((user + system) / 1000 / (rate * seconds)).toFixed(2)} ms a request`,
  );
  for (const error of errors.slice(0, 3)) console.log(`  ${error}`);
}

const folder = mkdtempSync(join(tmpdir(), 'astrid-load-'));
try {
  const seed = await seedWorkspace(folder);
  const size = Number(values.size);
  const field = await writeSimulatedField(
    join(folder, 'field'),
    { sizePx: size, seed: 1 },
    createInlineRunner(),
  );
  const server = await startServer(
    folder,
    'core',
    values['cpu-prof'] ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${values['cpu-prof']}` } : {},
  );
  try {
    const list = JSON.parse(new TextDecoder().decode((await ask(server, 'GET', '/api/v1/candidates')).body));
    const targets = [
      '/api/v1/runs?limit=50',
      `/api/v1/runs/${seed.doneRunId}`,
      `/api/v1/runs/${seed.doneRunId}/field`,
      '/api/v1/candidates?limit=50',
      `/api/v1/candidates/${list.items[0].id}`,
      '/api/v1/catalog/detections?limit=50&order=snr',
      '/api/v1/catalog/objects?limit=50',
      '/api/v1/labels?limit=50',
      '/api/v1/observations?limit=50',
      '/api/v1/workers',
      '/api/v1/health/ready',
      `/blob/${addressOfTriplet(3)}`,
      `/blob/${seed.plane.sha256}?x=0&y=0&width=16&height=16`,
    ];
    for (const target of targets) await ask(server, 'GET', target);
    await measure(server, targets, 'idle');
    // Runs enough that one is processed all the time.
    const pair = { sciencePath: field.science, templatePath: field.template };
    for (let n = 0; n < 40; n++) await ask(server, 'POST', '/api/v1/runs', pair);
    await measure(server, targets, 'while processing');
    const { runs } = JSON.parse(new TextDecoder().decode((await ask(server, 'GET', '/api/v1/workers')).body));
    console.log(`of 40 runs ${runs.done - 1} were done and ${runs.failed - 1} failed meanwhile`);
  } finally {
    await server.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
