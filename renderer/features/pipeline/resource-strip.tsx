import type { Resources } from '../../../core/api/contract/index.ts';
import { LOOKS, useResources } from '../../api/jobs.ts';
import { useSystem } from '../../api/queries.ts';
import { formatFixed, NOT_KNOWN } from '../../ui/format.ts';
import { Sparkline } from '../../ui/sparkline.tsx';

/** What the machine is busy with: processor, memory, disk, graphics cards, with their last two minutes. */
export function ResourceStrip() {
  const looks = useResources();
  const now = looks.at(-1);
  const provider = useSystem().data?.executionProvider;
  return (
    <section className="resources" aria-label="What the machine is busy with">
      <Gauge
        name="processor"
        value={now && `${formatFixed(now.cpuPercent, 0)} %`}
        note={now && `of ${now.cores} cores · load ${formatFixed(now.load1, 1)}`}
        shares={looks.map(({ cpuPercent }) => cpuPercent / 100)}
      />
      <Gauge
        name="memory"
        value={now && gigabytes(now.programBytes)}
        note={now && `this program · ${gigabytes(now.freeBytes)} of ${gigabytes(now.totalBytes)} free`}
        shares={looks.map((look) => 1 - look.freeBytes / look.totalBytes)}
      />
      <Gauge
        name="disk"
        value={now && gigabytes(now.diskFreeBytes)}
        note={now && `free of ${gigabytes(now.diskTotalBytes)}`}
        shares={looks.map((look) => 1 - look.diskFreeBytes / look.diskTotalBytes)}
      />
      {now === undefined || now.gpus.length === 0 ? (
        <Gauge
          name="graphics card"
          value={now && 'none'}
          note={now && `nothing to be measured · scores on ${provider ?? NOT_KNOWN}`}
          shares={[]}
        />
      ) : (
        now.gpus.map((gpu, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: cards have no other name of their own
          <GpuGauge key={i} index={i} gpu={gpu} looks={looks} />
        ))
      )}
    </section>
  );
}

function GpuGauge({
  gpu,
  index,
  looks,
}: {
  readonly gpu: Resources['gpus'][number];
  readonly index: number;
  readonly looks: readonly Resources[];
}) {
  const memory =
    gpu.usedBytes !== undefined && gpu.totalBytes !== undefined
      ? `${gigabytes(gpu.usedBytes)} of ${gigabytes(gpu.totalBytes)}`
      : 'memory not told';
  return (
    <Gauge
      name={gpu.name}
      value={gpu.percent === undefined ? NOT_KNOWN : `${gpu.percent} %`}
      note={memory}
      shares={looks.map((look) => (look.gpus[index]?.percent ?? 0) / 100)}
    />
  );
}

function Gauge({
  name,
  value,
  note,
  shares,
}: {
  readonly name: string;
  readonly value: string | undefined;
  readonly note: string | undefined;
  readonly shares: readonly number[];
}) {
  return (
    <div className="gauge">
      <div className="gauge-head">
        <span className="dim ellipsis">{name}</span>
        <span className="mono gauge-value">{value ?? NOT_KNOWN}</span>
      </div>
      <span className="dim ellipsis gauge-note">{note}</span>
      <span className="gauge-line">
        <Sparkline
          width={84}
          height={32}
          values={shares}
          length={LOOKS}
          label={`${name}, the last two minutes`}
        />
      </span>
    </div>
  );
}

function gigabytes(bytes: number): string {
  return `${formatFixed(bytes / 1e9, bytes < 1e10 ? 1 : 0)} GB`;
}
