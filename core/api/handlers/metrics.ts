import type { RequestCounter } from '../count-requests.ts';
import type { Services } from '../ports.ts';

/** One measurement with what it is of. */
interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Answer with what a watcher asks for from time to time, in Prometheus' text format.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export async function respondMetrics(services: Services, requests: RequestCounter): Promise<Response> {
  const [runs, blobs, resources, holdings, databaseBytes, system] = await Promise.all([
    services.holdings.countRuns(),
    services.holdings.countBlobs(),
    services.resources(),
    services.holdings.count(),
    services.databaseBytes(),
    services.system(),
  ]);
  const { median, p99, most } = services.loopDelay();
  const cpu = process.cpuUsage();
  const lines = [
    ...gauge('astrid_info', 'What runs here.', [{ labels: { version: system.version }, value: 1 }]),
    ...gauge('process_start_time_seconds', 'When the program was started, Unix time.', [
      { value: Date.parse(system.startedAt) / 1000 },
    ]),
    ...counter('process_cpu_seconds_total', 'Processor time of the program, all its threads.', [
      { value: (cpu.user + cpu.system) / 1e6 },
    ]),
    ...gauge('process_resident_memory_bytes', 'Memory of the program.', [{ value: resources.programBytes }]),
    ...gauge('astrid_event_loop_delay_seconds', 'How late the core came to what was due, since last asked.', [
      { labels: { quantile: '0.5' }, value: median },
      { labels: { quantile: '0.99' }, value: p99 },
      { labels: { quantile: '1' }, value: most },
    ]),
    ...gauge(
      'astrid_runs',
      'Runs by what became of them.',
      Object.entries(runs).map(([status, value]) => ({ labels: { status }, value })),
    ),
    ...gauge(
      'astrid_label_events',
      'Label events on disk.',
      holdings.labelEvents.map(({ kind, count }) => ({ labels: { kind }, value: count })),
    ),
    ...counter('astrid_events_total', 'Rows of the event log.', [{ value: holdings.events }]),
    ...gauge(
      'astrid_blobs',
      'Blobs by kind.',
      blobs.map(({ kind, count }) => ({ labels: { kind }, value: count })),
    ),
    ...gauge(
      'astrid_blob_bytes',
      'Bytes of blobs by kind.',
      blobs.map(({ kind, bytes }) => ({ labels: { kind }, value: bytes })),
    ),
    ...gauge('astrid_database_bytes', 'Bytes of the database with its log.', [{ value: databaseBytes }]),
    ...gauge('astrid_disk_free_bytes', 'Free on the disk of the workspace.', [
      { value: resources.diskFreeBytes },
    ]),
    ...gauge(
      'astrid_tasks',
      'Tasks of the pools of threads.',
      services.pools().flatMap(({ name, running, waiting }) => [
        { labels: { pool: name, state: 'running' }, value: running },
        { labels: { pool: name, state: 'waiting' }, value: waiting },
      ]),
    ),
    ...counter(
      'astrid_tasks_finished_total',
      'Tasks that ended.',
      services.pools().map(({ name, finished }) => ({ labels: { pool: name }, value: finished })),
    ),
    ...requests.write(),
  ];
  return new Response(`${lines.join('\n')}\n`, {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  });
}

const gauge = (name: string, help: string, samples: readonly Sample[]): string[] =>
  write('gauge', name, help, samples);
const counter = (name: string, help: string, samples: readonly Sample[]): string[] =>
  write('counter', name, help, samples);

function write(type: 'gauge' | 'counter', name: string, help: string, samples: readonly Sample[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels = {}, value }) => {
      const told = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
      return `${name}${told.length === 0 ? '' : `{${told.join(',')}}`} ${value}`;
    }),
  ];
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
