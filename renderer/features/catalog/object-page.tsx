import { type ReactNode, useMemo, useState } from 'react';
import type { CatalogDetection, Label, SkyObject } from '../../../core/api/contract/index.ts';
import { useForcedFluxes, useSkyObject } from '../../api/catalog.ts';
import { describeFailure } from '../../api/client.ts';
import { useCurators, useTaxonomy } from '../../api/labelling.ts';
import { useTriplet } from '../../api/triplets.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import { formatClock, formatDay, formatFixed } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { VerdictMark } from '../../ui/marks.tsx';
import { Plot } from '../../ui/plot.tsx';
import { type Cutout, CutoutImage, type Display, formatDec, formatRa } from '../../viewer/index.ts';
import { fileName } from './catalog-table.tsx';
import { useCatalogView } from './catalog-view.ts';
import { drawLightCurve, makeLightCurve, tableOfCurve } from './draw-light-curve.ts';
import { NameDialog } from './name-dialog.tsx';
import './object.css';

const CUTOUT_SIDE = 72;
const SKY: Display = {
  stretch: 'asinh',
  limits: { kind: 'zscale' },
  colormap: 'grey',
  invert: false,
  contrast: 1,
  bias: 0.5,
};
const CHANGE: Display = { ...SKY, stretch: 'linear', limits: { kind: 'symmetric', sigmas: 5 } };

/** One object: its brightness over time, what each image showed of it, and what people said. */
export function ObjectPage({
  id,
  ways,
  isTabular,
  head,
}: {
  readonly id: string;
  readonly ways: { readonly toField: (runId: string, candidateId?: string) => void };
  readonly isTabular: boolean;
  readonly head: (rest: ReactNode) => ReactNode;
}) {
  const answer = useSkyObject(id);
  const [place, setPlace] = useState(0);
  const [isNaming, setIsNaming] = useState(false);
  const detections = answer.data?.detections ?? [];
  const chosen = detections[Math.min(place, detections.length - 1)];
  const back: Action = {
    id: 'object.back',
    title: 'Back to the list',
    keys: ['Escape'],
    run: () => useCatalogView.setState({ objectId: undefined }),
  };
  const field: Action = {
    id: 'object.field',
    title: 'Field',
    keys: ['Enter'],
    isEnabled: chosen !== undefined,
    run: () => ways.toField(chosen!.runId, chosen!.id),
  };
  const rename: Action = {
    id: 'object.name',
    title: 'Name …',
    keys: ['N'],
    isEnabled: answer.data !== undefined,
    run: () => setIsNaming(true),
  };
  const walk = (name: string, title: string, keys: readonly string[], by: number): Action => ({
    id: `object.${name}`,
    title,
    keys,
    repeats: true,
    run: () => setPlace(Math.max(0, Math.min(detections.length - 1, place + by))),
  });
  useActions('Object', 'screen', [
    walk('next', 'Next epoch', ['J', 'ArrowDown', 'ArrowRight'], 1),
    walk('previous', 'Previous epoch', ['K', 'ArrowUp', 'ArrowLeft'], -1),
    field,
    rename,
    back,
  ]);
  return (
    <section className="screen" aria-label="Sky object">
      {head(
        <>
          <ActionButton action={back} />
          <span className="top-gap" />
          <ActionButton action={rename} />
          <ActionButton action={field} />
        </>,
      )}
      <div className="object">
        {answer.data !== undefined && (
          <>
            <ObjectFacts object={answer.data.object} detections={detections} />
            <ForcedCurve object={answer.data.object} detections={detections} isTabular={isTabular} />
            <Epochs detections={detections} place={place} onChoose={setPlace} />
            <Labels labels={answer.data.labels} />
          </>
        )}
      </div>
      {answer.isError && (
        <FailureNote failure={describeFailure(answer.error)} onRetry={() => void answer.refetch()} />
      )}
      {isNaming && answer.data !== undefined && (
        <NameDialog object={answer.data.object} onClose={() => setIsNaming(false)} />
      )}
    </section>
  );
}

function ObjectFacts({
  object,
  detections,
}: {
  readonly object: SkyObject;
  readonly detections: readonly CatalogDetection[];
}) {
  const { name, givenName, raDeg, decDeg, positionErrArcsec, firstMjdTai, lastMjdTai, score, snr, mag } =
    object;
  const place = `${raDeg.toFixed(6)} ${decDeg >= 0 ? '+' : ''}${decDeg.toFixed(6)}`;
  const at = encodeURIComponent(place);
  const links: readonly (readonly [title: string, href: string])[] = [
    ['Aladin', `https://aladin.cds.unistra.fr/AladinLite/?target=${at}&fov=0.05`],
    ['SIMBAD', `https://simbad.cds.unistra.fr/simbad/sim-coo?Coord=${at}&Radius=10&Radius.unit=arcsec`],
    [
      'TNS',
      `https://www.wis-tns.org/search?ra=${raDeg.toFixed(6)}&decl=${decDeg.toFixed(6)}&radius=5&coords_unit=arcsec`,
    ],
  ];
  const nights = new Set(detections.map(({ midpointMjdTai }) => Math.floor(midpointMjdTai ?? 0))).size;
  return (
    <header className="object-facts selectable">
      <h2>
        <VerdictMark verdict={object.verdict} /> {givenName ?? name}
        {givenName !== undefined && <span className="dim object-designation mono">{name}</span>}
      </h2>
      <dl>
        <Fact name="RA Dec (ICRS)">
          {formatRa(raDeg, 3)} {formatDec(decDeg, 2)} ± {formatFixed(positionErrArcsec, 2)}″
        </Fact>
        <Fact name="degrees">{place}</Fact>
        <Fact name="found">
          {object.detectionCount} × in {nights} {nights === 1 ? 'night' : 'nights'}
        </Fact>
        <Fact name="first, last MJD">
          {formatFixed(firstMjdTai, 4)} {formatFixed(lastMjdTai, 4)}
        </Fact>
        <Fact name="best score, S/N, mag">
          {formatFixed(score, 3)} {formatFixed(snr, 1)} {formatFixed(mag, 2)}
        </Fact>
        <Fact name="elsewhere">
          {links.map(([title, href]) => (
            <a key={title} href={href} target="_blank" rel="noreferrer">
              {title}
            </a>
          ))}
        </Fact>
      </dl>
    </header>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="object-fact">
      <dt className="dim">{name}</dt>
      <dd className="mono">{children}</dd>
    </div>
  );
}

function ForcedCurve({
  object,
  detections,
  isTabular,
}: {
  readonly object: SkyObject;
  readonly detections: readonly CatalogDetection[];
  readonly isTabular: boolean;
}) {
  const { raDeg, decDeg } = object;
  const answer = useForcedFluxes({ raDeg, decDeg });
  const curve = useMemo(() => makeLightCurve(answer.data ?? []), [answer.data]);
  const draw = useMemo(() => drawLightCurve(curve, detections), [curve, detections]);
  const left = [
    curve.undated > 0 ? `${curve.undated} without a time` : '',
    curve.failed > 0 ? `${curve.failed} could not be measured` : '',
  ].filter((part) => part !== '');
  const none = answer.isPending
    ? 'Measuring the flux at this place in every image that covers it…'
    : answer.isError
      ? describeFailure(answer.error).message
      : curve.points.length === 0
        ? `No image of this place has a flux and a time${left.length > 0 ? ` (${left.join(', ')})` : ''}.`
        : undefined;
  return (
    <div className="object-curve">
      <Plot
        title="Light curve"
        note={`forced PSF flux of the change; ringed: detected; arrows: 3 σ limits${left.length > 0 ? `; ${left.join(', ')}` : ''}`}
        summary={`Light curve of ${curve.points.length} images, ${curve.points.filter(({ isLimit }) => isLimit).length} of them limits`}
        none={none}
        draw={draw}
        table={() => tableOfCurve(curve)}
        isTabular={isTabular}
      />
    </div>
  );
}

function Epochs({
  detections,
  place,
  onChoose,
}: {
  readonly detections: readonly CatalogDetection[];
  readonly place: number;
  readonly onChoose: (place: number) => void;
}) {
  return (
    <section className="object-epochs" aria-label="Detections by time" data-region="list">
      <h2>
        Detections <span className="dim">science, template, difference</span>
      </h2>
      <ol>
        {detections.map((detection, k) => (
          <li key={detection.id}>
            <button
              type="button"
              className="object-epoch"
              aria-current={k === place ? 'true' : undefined}
              onClick={() => onChoose(k)}
            >
              <Cutouts sha256={detection.tripletSha256} />
              <span className="object-epoch-facts mono">
                <span>
                  <VerdictMark verdict={detection.verdict} /> {formatFixed(detection.midpointMjdTai, 4)}{' '}
                  {detection.band ?? ''}
                </span>
                <span className="dim ellipsis" title={detection.exposureName}>
                  {detection.fieldName ?? fileName(detection.exposureName)}
                </span>
                <span>
                  score {formatFixed(detection.score, 3)} S/N {formatFixed(detection.snr, 1)}
                </span>
                <span>mag {formatFixed(detection.mag, 2)}</span>
              </span>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Cutouts({ sha256 }: { readonly sha256: string }) {
  const state = useTriplet(sha256);
  const triplet = state.kind === 'ready' ? state.triplet : undefined;
  const cutouts = useMemo((): readonly Cutout[] | undefined => {
    if (triplet === undefined) return undefined;
    const { science, template, difference, sharedLimits: limits } = triplet;
    return [
      { source: science, display: SKY, limits },
      { source: template, display: SKY, limits },
      { source: difference, display: CHANGE },
    ];
  }, [triplet]);
  return <CutoutImage cutouts={cutouts} count={3} side={CUTOUT_SIDE} />;
}

function Labels({ labels }: { readonly labels: readonly Label[] }) {
  const curators = useCurators();
  const taxonomy = useTaxonomy();
  const nameOf = (id: string): string =>
    curators?.items.find((curator) => curator.id === id)?.name ?? 'somebody';
  const classOf = ({ classId }: Label): string =>
    taxonomy?.classes.find(({ id }) => id === classId)?.name ?? classId ?? '';
  return (
    <section className="object-labels" aria-label="Labels">
      <h2>Labels</h2>
      {labels.length === 0 ? (
        <p className="dim">None yet, or none that are told before you have given yours.</p>
      ) : (
        <ul>
          {labels.map((label) => (
            <li key={label.id}>
              <VerdictMark verdict={label.verdict} /> {label.verdict}
              <span className="dim">
                {' '}
                {classOf(label)} {label.reason ?? ''} · {nameOf(label.curator)} ·{' '}
                <span className="mono">
                  {formatDay(label.decidedAt)} {formatClock(label.decidedAt)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
