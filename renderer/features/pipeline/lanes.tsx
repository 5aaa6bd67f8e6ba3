import type { Execution } from '../../../core/api/contract/index.ts';
import { formatSeconds } from '../../ui/format.ts';
import { type Lane, layOutLanes, ticksOf } from './lay-out-lanes.ts';

/** A lane per worker, time to the right: stages of runs as bars. */
export function Lanes({
  isKnown,
  executions,
  endMs,
  spanMinutes,
  selectedId,
  onSelect,
}: {
  /** Whether the core has answered. */
  readonly isKnown: boolean;
  readonly executions: readonly Execution[];
  readonly endMs: number;
  readonly spanMinutes: number;
  readonly selectedId: string | undefined;
  readonly onSelect: (runId: string) => void;
}) {
  const spanMs = spanMinutes * 60_000;
  const lanes = layOutLanes(executions, endMs, spanMs);
  return (
    <section className="lanes" aria-label="What each worker did">
      <div className="lane lane-axis" aria-hidden="true">
        <span className="dim">worker (UTC)</span>
        <div className="lane-track">
          {ticksOf(endMs, spanMs).map(({ left, label }) => (
            <span key={label} className="lane-tick mono" style={{ left: `${100 * left}%` }}>
              {label}
            </span>
          ))}
        </div>
        <span className="dim number">busy</span>
      </div>
      <div className="lane-rows">
        {lanes.map((lane) => (
          <LaneRow key={lane.worker} lane={lane} selectedId={selectedId} onSelect={onSelect} />
        ))}
        {isKnown && lanes.length === 0 && <p className="dim lane-none">No stage ran in this time.</p>}
      </div>
    </section>
  );
}

function LaneRow({
  lane,
  selectedId,
  onSelect,
}: {
  readonly lane: Lane;
  readonly selectedId: string | undefined;
  readonly onSelect: (runId: string) => void;
}) {
  const failed = lane.bars.filter(({ execution }) => execution.status === 'failed').length;
  const summary = `${lane.worker}: ${lane.bars.length} stages, ${failed} failed, busy ${Math.round(100 * lane.busy)} %`;
  return (
    <div className="lane">
      <span className="mono ellipsis" title={lane.worker}>
        {lane.worker}
      </span>
      <div className="lane-track" role="img" aria-label={summary}>
        {lane.bars.map(({ execution, left, width }) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the list below is the way by keyboard
          // biome-ignore lint/a11y/useKeyWithClickEvents: as above
          <span
            key={execution.id}
            className={`lane-bar lane-bar-${execution.status}`}
            data-selected={execution.runId === selectedId || undefined}
            style={{ left: `${100 * left}%`, width: `max(2px, ${100 * width}%)` }}
            title={`${execution.name}: ${execution.stage} ${execution.errorMessage ?? execution.status} ${formatSeconds(execution.seconds)}`}
            onClick={() => onSelect(execution.runId)}
          >
            {execution.stage}
          </span>
        ))}
      </div>
      <span className="number">{Math.round(100 * lane.busy)} %</span>
    </div>
  );
}
