import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import type { Candidate, Run } from '../../../core/api/contract/index.ts';
import { describeFailed } from '../../api/client.ts';
import { useFieldPlanes } from '../../api/field-planes.ts';
import { useMirrorAction } from '../../api/mirror.ts';
import { candidatesOf, useField } from '../../api/queries.ts';
import { useBlinking, useBlinkUnlocked } from '../../images/blink.ts';
import { describeElsewhere } from '../../images/describe-elsewhere.ts';
import { FieldPane } from '../../images/field-pane.tsx';
import { FieldToolbar } from '../../images/field-toolbar.tsx';
import { panesOf, showRun, useFieldView } from '../../images/field-view.ts';
import { GraphicsNotice } from '../../images/graphics-notice.tsx';
import { useKeptFieldView } from '../../images/keep-field-view.ts';
import { makeMarkers } from '../../images/make-markers.ts';
import { makeViewActions } from '../../images/make-view-actions.ts';
import { centreOn } from '../../images/move-panes.ts';
import { cameraOf, fittedCamera } from '../../images/pane-camera.ts';
import { describeCursor, Readout } from '../../images/readout.tsx';
import { Magnifier, Panner } from '../../images/side-views.tsx';
import { ToolStrip } from '../../images/tools/tool-strip.tsx';
import { useFieldTools } from '../../images/tools/use-tools.ts';
import { useFieldLayers } from '../../images/use-layers.ts';
import { useSampOnImages } from '../../images/use-samp.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { GradeMark } from '../../ui/marks.tsx';
import { CandidateList } from './candidate-list.tsx';
import { DepthView } from './depth-view.tsx';
import '../../images/images.css';
import './field.css';

const NO_CANDIDATES: readonly Candidate[] = [];

/** One field: its images side by side, linked, and the candidates found on them. */
export function FieldScreen({
  runId,
  candidateId,
  onLabel,
  onQueue,
}: {
  readonly runId: string;
  readonly candidateId: string | undefined;
  readonly onLabel: (candidateId: string | undefined) => void;
  readonly onQueue: () => void;
}) {
  const field = useField(runId);
  const query = useQuery(candidatesOf(runId));
  const candidates = query.data ?? NO_CANDIDATES;
  const planes = useFieldPlanes(field.data);
  const sky = field.data?.sky;
  const panes = useFieldView(panesKey).split(' ') as ReturnType<typeof panesOf>;
  const selectedId = useFieldView((view) => view.selectedId);
  const selected = candidates.find(({ id }) => id === selectedId);
  const markers = useMemo(() => makeMarkers(candidates, selectedId), [candidates, selectedId]);
  const grid = useRef<HTMLDivElement>(null);
  const firstSurface = useMemo(
    () => ({
      get current() {
        return grid.current?.querySelector<HTMLElement>('.image-surface') ?? null;
      },
    }),
    [],
  );
  const camera = useCallback(
    () => cameraOf(useFieldView.getState(), planes, firstSurface),
    [planes, firstSurface],
  );

  useEffect(() => showRun(runId), [runId]);
  useKeptFieldView();
  useBlinking();

  const select = useCallback(
    (id: string, isCentred = true): void => {
      const candidate = candidates.find((one) => one.id === id);
      if (candidate === undefined) return;
      useFieldView.setState({ selectedId: id });
      if (isCentred) centreOn({ x: candidate.xPx, y: candidate.yPx });
    },
    [candidates],
  );
  const pick = useCallback((id: string) => select(id, false), [select]);
  const goneTo = useRef<string>(undefined);
  useEffect(() => {
    // Once, when it is there: lists that are read anew lead nobody back to it.
    if (candidateId === undefined || candidateId === goneTo.current) return;
    if (candidates.every(({ id }) => id !== candidateId)) return;
    goneTo.current = candidateId;
    select(candidateId);
  }, [candidateId, candidates, select]);

  const step = (by: number): void => {
    const at = candidates.findIndex(({ id }) => id === selectedId);
    const next = candidates[at < 0 ? 0 : (at + by + candidates.length) % candidates.length];
    if (next !== undefined) select(next.id);
  };
  const hasCandidates = candidates.length > 0;
  const next: Action = {
    id: 'field.next',
    title: 'Next candidate',
    keys: ['N'],
    isEnabled: hasCandidates,
    repeats: true,
    run: () => step(1),
  };
  const previous: Action = {
    id: 'field.previous',
    title: 'Previous candidate',
    keys: ['P'],
    isEnabled: hasCandidates,
    repeats: true,
    run: () => step(-1),
  };
  const label: Action = {
    id: 'field.label',
    title: 'Label',
    keys: ['Shift+Enter'],
    isEnabled: hasCandidates,
    run: () => onLabel(selectedId),
  };
  const back: Action = { id: 'field.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  const copyText = (): string | undefined => {
    const text = describeCursor(useFieldView.getState(), planes, sky, tools.physical);
    return text && [text.x, text.y, text.place, text.value, text.unit].filter(Boolean).join(' ');
  };
  const { named, all } = makeViewActions({
    camera,
    fitted: (turn) => fittedCamera(planes, firstSurface, turn),
    sky: () => sky,
    copyText,
    lockKeys: ['Alt+L'],
    isBlinkUnlocked: useBlinkUnlocked(),
  });
  const mirror = useMirrorAction(field.data?.run, (field.data?.planes.length ?? 0) > 0);
  useActions('Field', 'screen', [next, previous, label, mirror, ...all, back]);
  const layers = useFieldLayers(runId, field.data);
  useSampOnImages({ runId, sky, camera, select });
  const run = field.data?.run;
  const origin = { kind: 'run', run } as const;
  const tools = useFieldTools(runId, origin, planes, sky);
  const failed = describeFailed([field, query]);

  return (
    <section className="screen" aria-label="Field">
      <header className="top-bar" data-region="top">
        <h1 className="top-title ellipsis" title={run?.science?.name}>
          {run?.science?.object ?? run?.science?.name ?? 'Field'}
        </h1>
        <span className="dim ellipsis">
          {run?.grade && <GradeMark grade={run.grade} />} {describeField(run)}
        </span>
        <span className="top-gap" />
        <FieldToolbar
          actions={named}
          camera={camera}
          planes={planes}
          over={{ layers, marked: { name: 'Candidates', count: candidates.length } }}
        />
      </header>
      <div className="field">
        <div className="field-images">
          <div
            className={`pane-grid panes-${panes.length}`}
            ref={grid}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, so it takes the focus
            tabIndex={0}
            role="application"
            aria-label="Images; Tab goes from image to image, F6 leaves them"
            data-region="images"
          >
            {panes.map((kind) => (
              <FieldPane
                key={kind}
                kind={kind}
                planes={planes}
                candidates={candidates}
                markers={markers}
                tools={tools.panes}
                onPick={pick}
                whyMissing={describeElsewhere(run)}
              />
            ))}
            <GraphicsNotice />
          </div>
          <ToolStrip tools={tools} planes={planes} origin={origin} surface={firstSurface} camera={camera} />
        </div>
        <aside className="field-side" aria-label="Candidates">
          {failed && <FailureNote {...failed} />}
          <CandidateList
            candidates={candidates}
            selected={selected}
            sky={sky}
            isComplete={query.data !== undefined}
            previous={previous}
            next={next}
            onSelect={select}
          />
          <div className="candidate-actions">
            <ActionButton action={label} look="primary">
              {selected === undefined ? 'Label this field' : 'Label this candidate'}
            </ActionButton>
            {run?.origin !== undefined && mirror.isEnabled && <ActionButton action={mirror} look="outline" />}
          </div>
          {field.data?.completeness && <DepthView completeness={field.data.completeness} />}
          <div className="side-views">
            <Magnifier planes={planes} />
            <Panner planes={planes} sky={sky} paneSurface={firstSurface} />
          </div>
        </aside>
      </div>
      <Readout planes={planes} sky={sky} physical={tools.physical} />
    </section>
  );
}

/** The panes of the layout as text, so that a render follows only when they change. */
function panesKey(view: Parameters<typeof panesOf>[0]): string {
  return panesOf(view).join(' ');
}

function describeField(run: Run | undefined): string {
  const science = run?.science;
  if (science === undefined) return '';
  const parts = [
    science.band,
    science.seeingArcsec === undefined ? undefined : `${formatFixed(science.seeingArcsec, 2)}″`,
    `${science.width} × ${science.height}`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
