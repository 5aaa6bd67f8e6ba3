import { useEffect, useState } from 'react';
import { type ImageSource, type Limits, makeSource } from '../viewer/index.ts';
import { blobUrl } from './client.ts';
import { useLive } from './live.ts';

/** Science, template and difference around one candidate, ready to be shown. */
export interface Triplet {
  readonly science: ImageSource;
  readonly template: ImageSource;
  readonly difference: ImageSource;
  /** For science and template alike: both are on the science image's flux scale, so equal grey is equal light. */
  readonly sharedLimits: Limits;
}

/** How far a triplet has come. */
export type TripletState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly triplet: Triplet }
  | { readonly kind: 'failed'; readonly message: string };

const LOADING: TripletState = { kind: 'loading' };

/** Memory of one triplet with what was measured on it, bytes. */
const TRIPLET_BYTES = 110_000;

/** Triplets kept in memory. */
let mostKept = 1200;

/** Let triplets take so much memory; the oldest are let go of with the next that comes. */
export function keepTriplets(bytes: number): void {
  mostKept = Math.max(100, Math.floor(bytes / TRIPLET_BYTES));
}

/** Side of a cutout, px. */
export const CUTOUT_SIDE_PX = 63;

const kept = new Map<string, Triplet>();
const underway = new Map<string, Promise<Triplet>>();

/** A triplet that is in memory already. */
export function findTriplet(sha256: string): Triplet | undefined {
  return kept.get(sha256);
}

/** Fetch a triplet, or give the one in memory; asked twice at once, it is fetched once. */
export function fetchTriplet(sha256: string): Promise<Triplet> {
  const known = kept.get(sha256);
  if (known !== undefined) {
    kept.delete(sha256);
    kept.set(sha256, known);
    return Promise.resolve(known);
  }
  const running = underway.get(sha256) ?? load(sha256).finally(() => underway.delete(sha256));
  underway.set(sha256, running);
  return running;
}

/** The triplet of one candidate; at once when it is in memory, and asked for again when the core is back. */
export function useTriplet(sha256: string | undefined): TripletState {
  const [failed, setFailed] = useState<{ sha256: string; message: string }>();
  const [, setArrived] = useState<string>();
  useEffect(() => {
    if (sha256 === undefined || kept.has(sha256)) return;
    let isCurrent = true;
    const ask = (): void =>
      void fetchTriplet(sha256).then(
        () => isCurrent && setArrived(sha256),
        (error: unknown) => isCurrent && setFailed({ sha256, message: messageOf(error) }),
      );
    ask();
    const stop = useLive.subscribe((now, before) => {
      if (now.connection === 'open' && before.connection !== 'open' && !kept.has(sha256)) ask();
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, [sha256]);
  const triplet = sha256 === undefined ? undefined : kept.get(sha256);
  if (triplet !== undefined) return { kind: 'ready', triplet };
  return failed !== undefined && failed.sha256 === sha256
    ? { kind: 'failed', message: failed.message }
    : LOADING;
}

async function load(sha256: string): Promise<Triplet> {
  const response = await fetch(blobUrl(sha256));
  if (!response.ok) throw new Error(`The cutouts could not be read: the core answered ${response.status}.`);
  const bytes = await response.arrayBuffer();
  const side = Math.sqrt(bytes.byteLength / 12);
  if (!Number.isInteger(side))
    throw new Error(`The cutouts have ${bytes.byteLength} bytes: not three squares.`);
  const [science, template, difference] = ['science', 'template', 'difference'].map((name, i) =>
    makeSource(`${sha256}/${name}`, new Float32Array(bytes, i * side * side * 4, side * side), side, side),
  ) as [ImageSource, ImageSource, ImageSource];
  const triplet = { science, template, difference, sharedLimits: joinLimits(science, template) };
  kept.set(sha256, triplet);
  while (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return triplet;
}

/** The range that shows both; one that has no pixel leaves it to the other. */
function joinLimits(science: ImageSource, template: ImageSource): Limits {
  const both = [science, template]
    .map(({ statistics }) => statistics.zscale)
    .filter(({ lo }) => Number.isFinite(lo));
  return both.length === 0
    ? { lo: 0, hi: 1 }
    : { lo: Math.min(...both.map(({ lo }) => lo)), hi: Math.max(...both.map(({ hi }) => hi)) };
}

function messageOf(error: unknown): string {
  return error instanceof TypeError
    ? 'The core of AstrID does not answer.'
    : String((error as Error).message);
}
