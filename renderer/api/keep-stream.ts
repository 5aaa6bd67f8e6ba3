/** Pause before a stream that was refused is asked for again, ms. */
const RETRY_MS = 2000;

/** The same where this window itself is refused: nothing but a new address helps, and asking is counted against it. */
const REFUSED_RETRY_MS = 10_000;

/**
 * Keep a stream of the core's events open.
 *
 * The browser comes back after a line that broke, with the `Last-Event-ID` it had; an answer that is no stream closes
 * its `EventSource` for good. Then another one is opened, until it is one.
 *
 * @param begin listens to a new source; what it remembers of the one before is for it to forget.
 * @param onRefused told when the core does not know this window any more: it was started anew.
 * @returns what stops it.
 */
export function keepStream(
  url: string,
  begin: (source: EventSource) => void,
  onRefused?: () => void,
): () => void {
  let source: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const open = (): void => {
    source = new EventSource(url);
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) void openAgain();
    });
    begin(source);
  };
  const openAgain = async (): Promise<void> => {
    // An EventSource does not say with what it was refused.
    const probe = new AbortController();
    const status = await fetch(url, { signal: probe.signal }).then(
      (answer) => answer.status,
      () => undefined,
    );
    probe.abort();
    if (isOver) return;
    if (status === 401) onRefused?.();
    retry = setTimeout(open, status === 401 ? REFUSED_RETRY_MS : RETRY_MS);
  };
  open();
  return () => {
    isOver = true;
    clearTimeout(retry);
    source.close();
  };
}
