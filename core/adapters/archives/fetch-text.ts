import { AstridError } from '../../utils/errors.ts';

/** The part of the Fetch API that archives are spoken to with; tests answer in its place. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How an archive is asked. */
export interface ArchiveOptions {
  readonly fetch: Fetch;
  /** Milliseconds after which an answer is given up. Default 90 000: sync queries run up to a minute. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds before a failed request is made again, times two each time; 0 in tests. Default 2000. */
  readonly pauseMs?: number | undefined;
}

const USER_AGENT = 'AstrID (observatory workstation)';
/** Answers that pass: busy, gone away for a moment. */
const PASSING = new Set([429, 500, 502, 503, 504]);
const ATTEMPTS = 3;

/**
 * Send a form to an archive and take its answer as text.
 *
 * A busy or failing archive is asked three times, with pauses; a refusal is not repeated.
 *
 * @param service its name, for messages.
 * @throws catalog/archive-unreachable, catalog/archive-timeout, catalog/archive-error, internal/stopped
 */
export async function postForm(
  service: string,
  url: string,
  form: Readonly<Record<string, string>>,
  options: ArchiveOptions,
): Promise<string> {
  return ask(
    service,
    url,
    {
      method: 'POST',
      headers: { 'User-Agent': USER_AGENT, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    },
    'Without a network, download the table elsewhere and use "astrid catalog import FILE".',
    options,
  );
}

/**
 * Ask an archive by an address and take its answer as text; as patient as `postForm`.
 *
 * @param service its name, for messages.
 * @throws catalog/archive-unreachable, catalog/archive-timeout, catalog/archive-error, internal/stopped
 */
export async function getText(
  service: string,
  url: string,
  query: Readonly<Record<string, string>>,
  options: ArchiveOptions,
): Promise<string> {
  return ask(
    service,
    `${url}?${new URLSearchParams(query)}`,
    { headers: { 'User-Agent': USER_AGENT } },
    'What was asked before is still here.',
    options,
  );
}

async function ask(
  service: string,
  url: string,
  request: RequestInit,
  withoutNetwork: string,
  options: ArchiveOptions,
): Promise<string> {
  const { timeoutMs = 90_000, pauseMs = 2000, signal } = options;
  for (let attempt = 1; ; attempt++) {
    const timeout = AbortSignal.timeout(timeoutMs);
    let response: Response;
    let text: string;
    try {
      response = await options.fetch(url, {
        ...request,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      text = await response.text();
    } catch (error) {
      if (signal?.aborted) throw new AstridError('internal/stopped', 'Stopped on request.');
      if (timeout.aborted)
        throw new AstridError(
          'catalog/archive-timeout',
          `${service} did not answer within ${(timeoutMs / 1000).toFixed(0)} s. Try a smaller radius, or later.`,
          { service, timeoutMs },
        );
      throw new AstridError(
        'catalog/archive-unreachable',
        `${service} cannot be reached: ${(error as Error).message}. ${withoutNetwork}`,
        { service, url },
      );
    }
    if (response.ok) return text;
    if (!PASSING.has(response.status) || attempt === ATTEMPTS)
      throw new AstridError(
        'catalog/archive-error',
        `${service} answered ${response.status}: ${wordsOf(text)}`,
        { service, status: response.status },
      );
    await pause(pauseMs * 2 ** (attempt - 1), signal);
  }
}

/** What a page of markup says, shortened. */
function wordsOf(text: string): string {
  const words = text
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? 'nothing' : words.slice(0, 300);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
