import { useEffect, useRef } from 'react';
import type { SampNews, SampTable, SkyLattice } from '../../core/api/contract/index.ts';
import { client, describeFailure } from '../api/client.ts';
import { useReceivedTables, useSamp, useSampNews } from '../api/samp.ts';
import { announce } from '../ui/announce.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { useActions } from '../ui/keys/use-actions.ts';
import { makePixelFinder, skyAt } from '../viewer/index.ts';
import { useFieldView } from './field-view.ts';
import { chooseInLayers, useLayers } from './layers.ts';
import { centreOn } from './move-panes.ts';

/** What a screen with linked images does with other programs. */
export interface SampContext {
  readonly runId: string;
  readonly sky: SkyLattice | undefined;
  /** Where the active pane looks. */
  camera(): { readonly x: number; readonly y: number } | undefined;
  /** Choose a candidate that another program has chosen. */
  select(candidateId: string): void;
}

/**
 * Send images, tables and places to other programs from the palette, and follow those that come.
 *
 * Without SAMP, or with nobody there, none of it is in the palette.
 */
export function useSampOnImages({ runId, sky, camera, select }: SampContext): void {
  const samp = useSamp().data;
  const tables = useReceivedTables();
  const latest = useRef<Here>({ sky, select, tables });
  latest.current = { sky, select, tables };
  useEffect(
    () =>
      useSampNews.subscribe(({ last }, before) => {
        if (last !== undefined && last !== before.last) follow(last, latest.current);
      }),
    [],
  );

  const tell = (what: string, sending: Promise<{ told: number }>): void => {
    sending.then(
      ({ told }) => announce(`${what} sent to ${told} ${told === 1 ? 'program' : 'programs'}`),
      (error: unknown) => announce(`${what} not sent: ${describeFailure(error).message}`),
    );
  };
  const to = (id: string | undefined) => (id === undefined ? {} : { to: id });
  const sendImage = (id?: string): void => {
    const plane = useFieldView.getState().active;
    tell(`${plane} image`, client.samp.sendImage({ runId, plane, ...to(id) }));
  };
  const sendTable = (id?: string): void =>
    tell('candidates', client.samp.sendCandidates({ runId, ...to(id) }));
  const point = (id?: string): void => {
    const at = useFieldView.getState().cursor?.at ?? camera();
    const place = sky && at && skyAt(sky, at.x, at.y);
    if (place === undefined) {
      announce('this image has no coordinates');
      return;
    }
    tell('place', client.samp.pointAt({ raDeg: place.raDeg, decDeg: place.decDeg, ...to(id) }));
  };
  const peers = samp?.link === 'connected' ? samp.peers : [];
  const action = (id: string, title: string, keys: readonly string[], run: () => void): Action => ({
    id: `samp.${id}`,
    title,
    keys,
    run,
  });
  const all = (takes: 'takesImages' | 'takesTables' | 'takesPlaces', one: Action): Action[] =>
    peers.some((peer) => peer[takes]) ? [one] : [];
  useActions('Other programs', 'screen', [
    ...all(
      'takesImages',
      action('image', 'Send image to all', ['Alt+I'], () => sendImage()),
    ),
    ...all(
      'takesTables',
      action('table', 'Send candidates table to all', ['Alt+C'], () => sendTable()),
    ),
    ...all(
      'takesPlaces',
      action('point', 'Point others here', ['Alt+P'], () => point()),
    ),
    ...peers.flatMap(({ id, name, takesImages, takesTables, takesPlaces }) => [
      ...(takesImages ? [action(`image-${id}`, `Send image to ${name}`, [], () => sendImage(id))] : []),
      ...(takesTables
        ? [action(`table-${id}`, `Send candidates table to ${name}`, [], () => sendTable(id))]
        : []),
      ...(takesPlaces ? [action(`point-${id}`, `Point ${name} here`, [], () => point(id))] : []),
    ]),
  ]);
}

/** What is on the screen when another program says something. */
interface Here extends Pick<SampContext, 'sky' | 'select'> {
  /** Tables whose rows are there, in the order of their markers. */
  readonly tables: readonly SampTable[];
}

/** Do on the images what another program asks for. */
function follow(news: SampNews, { sky, select, tables }: Here): void {
  switch (news.kind) {
    case 'point': {
      const at = sky && makePixelFinder(sky)(news.raDeg, news.decDeg);
      const right = sky && (sky.columns - 1) * sky.stepPx;
      const top = sky && (sky.rows - 1) * sky.stepPx;
      const isInside = at && at.x >= 0 && at.y >= 0 && at.x <= right! && at.y <= top!;
      if (isInside) {
        centreOn(at);
        useFieldView.setState({ cursor: { at, pane: 'keys' } });
        announce(`${news.from} points here`);
      } else announce(`${news.from} points at a place outside this image`);
      return;
    }
    case 'rows': {
      const [first] = news.candidateIds ?? [];
      if (first !== undefined) {
        select(first);
        announce(`chosen in ${news.from}`);
        return;
      }
      lightUpRow(tables, news.tableId, news.rows[0]);
      return;
    }
    case 'table':
      useLayers.setState(({ tables }) => ({ tables: [...tables.filter((id) => id !== news.id), news.id] }));
      announce(`table ${news.name} from ${news.from}: ${news.rowCount} rows`);
      return;
    default:
  }
}

/** Light up the marker of a row of a table that was received. */
function lightUpRow(tables: Here['tables'], tableId: string, row: number | undefined): void {
  const at = tables.findIndex(({ id }) => id === tableId);
  const id = `table/${at}/${row}`;
  const marker = useLayers
    .getState()
    .lists.flat()
    .find((one) => one.id === id);
  if (marker === undefined) return;
  chooseInLayers(marker);
  centreOn(marker);
}
