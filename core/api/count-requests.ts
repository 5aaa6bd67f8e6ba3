/** Upper ends of the buckets that durations are counted in, s. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Durations {
  /** Not more than each bucket's end. */
  readonly counts: number[];
  sum: number;
  count: number;
}

/** Counts what was asked and how long answers took. */
export interface RequestCounter {
  /** @param route what was asked; `none` where there is no such route. */
  count(route: string, status: number, seconds: number): void;
  /** Lines of metrics. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  write(): string[];
}

/** Make a counter; its memory is bounded by the routes there are. */
export function createRequestCounter(): RequestCounter {
  const answers = new Map<string, number>();
  const durations = new Map<string, Durations>();
  return {
    count: (route, status, seconds) => {
      const labels = `route="${route}",status="${status}"`;
      answers.set(labels, (answers.get(labels) ?? 0) + 1);
      const kept = durations.get(route) ?? { counts: BUCKETS_S.map(() => 0), sum: 0, count: 0 };
      durations.set(route, kept);
      for (const [i, end] of BUCKETS_S.entries()) if (seconds <= end) kept.counts[i]!++;
      kept.sum += seconds;
      kept.count++;
    },
    write: () => [
      '# HELP astrid_http_requests_total Answers by route and status.',
      '# TYPE astrid_http_requests_total counter',
      ...[...answers].map(([labels, n]) => `astrid_http_requests_total{${labels}} ${n}`),
      '# HELP astrid_http_request_duration_seconds Time until an answer begins.',
      '# TYPE astrid_http_request_duration_seconds histogram',
      ...[...durations].flatMap(([route, { counts, sum, count }]) => [
        ...counts.map(
          (n, i) => `astrid_http_request_duration_seconds_bucket{route="${route}",le="${BUCKETS_S[i]}"} ${n}`,
        ),
        `astrid_http_request_duration_seconds_bucket{route="${route}",le="+Inf"} ${count}`,
        `astrid_http_request_duration_seconds_sum{route="${route}"} ${sum}`,
        `astrid_http_request_duration_seconds_count{route="${route}"} ${count}`,
      ]),
    ],
  };
}
