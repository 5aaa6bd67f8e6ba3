import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Candidate, Run } from '../../../core/api/contract/index.ts';
import { describeFailed } from '../../api/client.ts';
import { useFieldPlanes } from '../../api/field-planes.ts';
import { useMirrorAction } from '../../api/mirror.ts';
import { candidatesOf, useField } from '../../api/queries.ts';
import { useDifferenceFacts, vetoedOf } from '../../api/reviews.ts';
import { useBlinking, useBlinkUnlocked } from '../../images/blink.ts';
import { FieldPane, type PaneLook } from '../../images/field-pane.tsx';
import { FieldToolbar } from '../../images/field-toolbar.tsx';
import { panesOf, showRun, useFieldView } from '../../images/field-view.ts';
import { GraphicsNotice } from '../../images/graphics-notice.tsx';
import { useKeptFieldView } from '../../images/keep-field-view.ts';
import { makeMarkers } from '../../images/make-markers.ts';
import { makeViewActions } from '../../images/make-view-actions.ts';
import { centreOn } from '../../images/move-panes.ts';
import { cameraOf, fittedCamera, sizeOf } from '../../images/pane-camera.ts';
import { describeCursor, Readout } from '../../images/readout.tsx';
import { useFieldLayers } from '../../images/use-layers.ts';
import { useSampOnImages } from '../../images/use-samp.ts';
import { VectorOverlay } from '../../images/vector-overlay.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { GradeMark } from '../../ui/marks.tsx';
import { DecisionPanel } from './decision-panel.tsx';
import { describeMissing, describeResampling } from './describe-missing.ts';
import { DetectionList } from './detection-list.tsx';
import { GradePanel } from './grade-panel.tsx';
import {
  findDipoles,
  listDetections,
  magnifyResiduals,
  markDetections,
  useReviewView,
} from './review-view.ts';
import { useDecision } from './use-decision.ts';
import '../../images/images.css';
import './review.css';

const NONE: readonly Candidate[] = [];

/** Where a person may go from the review. */
export interface ReviewWays {
  toQueue(): void;
  /** Another frame, or none in that direction. */
  readonly nextRunId: string | undefined;
  readonly previousRunId: string | undefined;
  toRun(runId: string): void;
  toField(runId: string): void;
}

/** One difference: its images, how good it is and why, all that was detected on it, and what a person says of it. */
export function ReviewScreen({ runId, ways }: { readonly runId: string; readonly ways: ReviewWays }) {
  const field = useField(runId);
  const facts = useDifferenceFacts(runId);
  const passed = useQuery(candidatesOf(runId));
  const refused = useQuery(vetoedOf(runId));
  const candidates = passed.data ?? NONE;
  const vetoed = refused.data ?? NONE;
  const planes = useFieldPlanes(field.data);
  const sky = field.data?.sky;
  const run = field.data?.run;
  const { shown, hasResiduals, hasStars } = useReviewView();
  const panes = useFieldView((view) => panesOf(view).join(' ')).split(' ') as ReturnType<typeof panesOf>;
  const selectedId = useFieldView((view) => view.selectedId);
  const detections = useMemo(() => listDetections(candidates, vetoed, shown), [candidates, vetoed, shown]);
  const markers = useMemo(
    () => markDetections(detections, makeMarkers, selectedId),
    [detections, selectedId],
  );
  const grid = useRef<HTMLDivElement>(null);
  const [surface] = useState(() => ({
    get current() {
      return grid.current?.querySelector<HTMLElement>('.image-surface') ?? null;
    },
  }));
  const camera = useCallback(() => cameraOf(useFieldView.getState(), planes, surface), [planes, surface]);
  const decision = useDecision(runId, nameOf(run), facts.data?.review);

  useEffect(() => showRun(runId), [runId]);
  useKeptFieldView();
  useBlinking();

  const select = useCallback(
    (id: string, isCentred = true): void => {
      const detection = detections.find((one) => one.id === id);
      if (detection === undefined) return;
      useFieldView.setState({ selectedId: id });
      if (isCentred) centreOn({ x: detection.xPx, y: detection.yPx });
    },
    [detections],
  );
  const pick = useCallback((id: string) => select(id, false), [select]);
  const step = (by: number): void => {
    const at = detections.findIndex(({ id }) => id === selectedId);
    const next = detections[at < 0 ? 0 : (at + by + detections.length) % detections.length];
    if (next !== undefined) select(next.id);
  };
  const move = (id: string, title: string, keys: readonly string[], by: number): Action => ({
    id: `review.${id}`,
    title,
    keys,
    isEnabled: detections.length > 0,
    repeats: true,
    run: () => step(by),
  });
  const next = move('next', 'Next detection', ['N'], 1);
  const previous = move('previous', 'Previous detection', ['P'], -1);
  const frame = (id: string, title: string, keys: readonly string[], to: string | undefined): Action => ({
    id: `review.${id}`,
    title,
    keys,
    isEnabled: to !== undefined,
    run: () => ways.toRun(to!),
  });
  const copyText = (): string | undefined => {
    const text = describeCursor(useFieldView.getState(), planes, sky);
    return text && [text.x, text.y, text.place, text.value, text.unit].filter(Boolean).join(' ');
  };
  const { named, all } = makeViewActions({
    camera,
    fitted: (turn) => fittedCamera(planes, surface, turn),
    sky: () => sky,
    copyText,
    lockKeys: ['Alt+L', 'L'],
    isBlinkUnlocked: useBlinkUnlocked(),
  });
  const overlayActions: Record<'residuals' | 'stars', Action> = {
    residuals: {
      id: 'review.residuals',
      title: 'Registration residuals on and off',
      keys: ['Shift+V'],
      isEnabled: facts.data?.registration?.residuals !== undefined,
      run: () => useReviewView.setState({ hasResiduals: !hasResiduals }),
    },
    stars: {
      id: 'review.stars',
      title: 'Stars beyond 5 σ on and off',
      keys: ['Shift+S'],
      isEnabled: facts.data?.starScores !== undefined,
      run: () => useReviewView.setState({ hasStars: !hasStars }),
    },
  };
  const mirror = useMirrorAction(run, (field.data?.planes.length ?? 0) > 0);
  useActions('Difference review', 'screen', [
    mirror,
    next,
    previous,
    ...Object.values(decision.actions),
    frame('next-frame', 'Next frame', ['Shift+N'], ways.nextRunId),
    frame('previous-frame', 'Previous frame', ['Shift+P'], ways.previousRunId),
    overlayActions.residuals,
    overlayActions.stars,
    { id: 'review.field', title: 'Open in Field', keys: ['Enter'], run: () => ways.toField(runId) },
    ...all,
    { id: 'review.queue', title: 'Back to the queue', keys: ['Escape'], run: ways.toQueue },
  ]);

  const layers = useFieldLayers(runId, field.data, { marksVetoed: true });
  useSampOnImages({ runId, sky, camera, select });
  const residuals = facts.data?.registration?.residuals;
  const imageWidth = sizeOf(planes)?.width ?? 1000;
  const magnification = useMemo(() => magnifyResiduals(residuals ?? [], imageWidth), [residuals, imageWidth]);
  const failed = describeFailed([field, facts, passed, refused]);
  const overlays = useOverlays(facts.data, detections, magnification);
  return (
    <section className="screen" aria-label="Difference review">
      <header className="top-bar" data-region="top">
        <h1 className="top-title ellipsis" title={run?.science?.name}>
          {nameOf(run)}
        </h1>
        {run?.grade && <GradeMark grade={run.grade} />}
        <span className="top-gap" />
        <FieldToolbar
          actions={named}
          camera={camera}
          planes={planes}
          over={{ layers, marked: { name: 'Detections', count: detections.length } }}
        />
      </header>
      <div className="review">
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
              candidates={detections}
              markers={markers}
              onPick={pick}
              whyMissing={describeMissing(run, kind)}
              badge={
                kind === 'template' ? describeResampling(facts.data?.registration?.templateScale) : undefined
              }
              overlay={overlays}
            />
          ))}
          <GraphicsNotice />
        </div>
        <aside className="review-side" aria-label="Grade, decision and detections">
          {failed && <FailureNote {...failed} />}
          {decision.failure && (
            <FailureNote failure={decision.failure} onRetry={decision.retry} onDismiss={decision.dismiss} />
          )}
          <DecisionPanel {...decision} review={facts.data?.review} />
          {facts.data && (
            <GradePanel
              facts={facts.data}
              whyNone={`No difference: ${describeMissing(run, 'difference')}`}
              overlays={overlayActions}
              isOn={{ residuals: hasResiduals, stars: hasStars }}
              magnification={magnification}
            />
          )}
          <DetectionList
            detections={detections}
            isComplete={passed.data !== undefined && refused.data !== undefined}
            selectedId={selectedId}
            previous={previous}
            next={next}
            onSelect={select}
          />
        </aside>
      </div>
      <Readout planes={planes} sky={sky} />
    </section>
  );
}

function nameOf(run: Run | undefined): string {
  return run?.science?.object ?? run?.science?.name ?? 'Difference';
}

/** What lies over each image: residuals of the registration, stars that are left, the lobes of dipoles. */
function useOverlays(
  facts: ReturnType<typeof useDifferenceFacts>['data'],
  detections: readonly Candidate[],
  magnification: number,
): (look: PaneLook) => React.ReactNode {
  const { hasResiduals, hasStars } = useReviewView();
  const hasMarkers = useFieldView((view) => view.hasMarkers);
  const residuals = facts?.registration?.residuals;
  const scores = facts?.starScores;
  const vectors = useMemo(
    () => residuals?.map(({ xPx, yPx, dxPx, dyPx }) => ({ x: xPx, y: yPx, dx: dxPx, dy: dyPx })),
    [residuals],
  );
  const stars = useMemo(
    () => scores?.filter(({ score }) => Math.abs(score) > 5).map(({ xPx, yPx }) => ({ x: xPx, y: yPx })),
    [scores],
  );
  const dipoles = useMemo(() => findDipoles(detections), [detections]);
  return useCallback(
    ({ camera, size }: PaneLook) => (
      <>
        {hasMarkers && <VectorOverlay className="dipoles" vectors={dipoles} camera={camera} size={size} />}
        {hasStars && <VectorOverlay className="left-stars" dots={stars} camera={camera} size={size} />}
        {hasResiduals && (
          <VectorOverlay
            className="residuals"
            vectors={vectors}
            dots={vectors}
            magnification={magnification}
            camera={camera}
            size={size}
          />
        )}
      </>
    ),
    [hasMarkers, hasStars, hasResiduals, dipoles, stars, vectors, magnification],
  );
}
