import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Epoch, QueueItem } from '../../../core/api/contract/index.ts';
import { useEpochCutouts } from '../../api/epochs.ts';
import { epochsOf } from '../../api/labelling.ts';
import { formatFixed } from '../../ui/format.ts';
import { CutoutImage, type Display, type ImageSource } from '../../viewer/index.ts';
import { LOOKED_AT_MS, useDwell } from './use-dwell.ts';

const SIDE = 60;

const NONE: readonly Epoch[] = [];

/** Science cutouts of the same place by time; the epoch of the candidate is marked. */
export function EpochStrip({
  item,
  display,
  selected,
  onSelect,
}: {
  readonly item: QueueItem;
  readonly display: Display;
  /** The run whose point is lit in the light curve. */
  readonly selected: string;
  readonly onSelect: (runId: string) => void;
}) {
  const enabled = useDwell(item.candidateId, LOOKED_AT_MS);
  const { data, isError } = useQuery({ ...epochsOf(item.candidateId), enabled });
  const epochs = data ?? NONE;
  const cutouts = useEpochCutouts(epochs);
  return (
    <section className="epoch-strip" aria-label="Epochs">
      {epochs.map((epoch) => (
        <button
          type="button"
          key={epoch.runId}
          className="epoch"
          aria-pressed={epoch.runId === selected}
          aria-label={describeEpoch(epoch)}
          title={describeEpoch(epoch)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onSelect(epoch.runId)}
        >
          <EpochCutout source={cutouts.get(epoch.runId)} display={display} />
          <span className="epoch-time mono">{captionOf(epoch, epochs)}</span>
        </button>
      ))}
      {isError && (
        <p className="dim strip-note">The other epochs cannot be told: the core does not answer.</p>
      )}
      {data !== undefined && epochs.length < 2 && (
        <p className="dim strip-note">
          {item.raDeg === undefined
            ? 'Without coordinates this place cannot be found on other nights.'
            : epochs.length === 0
              ? 'The science image was not kept.'
              : 'No other processed exposure covers this place.'}
        </p>
      )}
    </section>
  );
}

function EpochCutout({
  source,
  display,
}: {
  readonly source: ImageSource | undefined;
  readonly display: Display;
}) {
  const cutouts = useMemo(() => source && [{ source, display }], [source, display]);
  return <CutoutImage cutouts={cutouts} count={1} side={SIDE} />;
}

function describeEpoch({ midpointMjdTai, band, isOwn }: Epoch): string {
  const when = midpointMjdTai === undefined ? 'time unknown' : `MJD ${formatFixed(midpointMjdTai, 4)}`;
  return `${when}${band === undefined ? '' : `, ${band}`}${isOwn ? ', this candidate' : ''}`;
}

/** Days from the candidate's own epoch. */
function captionOf(epoch: Epoch, epochs: readonly Epoch[]): string {
  const own = epochs.find(({ isOwn }) => isOwn)?.midpointMjdTai;
  if (epoch.isOwn || own === undefined || epoch.midpointMjdTai === undefined) return epoch.band ?? 'here';
  const days = epoch.midpointMjdTai - own;
  if (Math.abs(days) < 0.005) return 'same time';
  return `${days > 0 ? '+' : '−'}${Math.abs(days).toFixed(Math.abs(days) < 10 ? 2 : 0)} d`;
}
