import type { MirrorSettings, SyncState } from '../../../core/api/contract/index.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatCount, formatGigabytes, NOT_KNOWN } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Fact } from './fact.tsx';

/** Words for what of the images goes to the bucket. */
export const POLICIES = {
  'on-request': 'when somebody asks for them',
  always: 'always',
  never: 'never',
} as const satisfies Record<MirrorSettings['differences'], string>;

/** Words for whether the files that a field was made of go there too. */
export const RAW_POLICIES = {
  never: 'never',
  'with-images': 'wherever the images of their field go',
} as const satisfies Record<MirrorSettings['rawFiles'], string>;

const MIB_PER_GIB = 1024;

/** What of the pixels goes to the bucket and how fast, what of it lies here, and what would make room. */
export function PixelFacts({
  state,
  settings,
  next,
  raw,
  collect,
  onChange,
}: {
  readonly state: SyncState | undefined;
  readonly settings: MirrorSettings | undefined;
  /** Goes to the next policy. */
  readonly next: Action;
  /** Has raw files go, or not. */
  readonly raw: Action;
  /** Opens what takes away pixels that nobody refers to. */
  readonly collect: Action;
  readonly onChange: (change: Partial<MirrorSettings>) => void;
}) {
  const { imagesToSend, local, arrivals } = state ?? {};
  return (
    <dl className="sync-facts">
      <Fact name="triplets of candidates" value="always" />
      <Fact name="images of fields">
        <span>{settings ? POLICIES[settings.differences] : NOT_KNOWN}</span>
        <ActionButton action={next}>Change</ActionButton>
      </Fact>
      <Fact name="raw files">
        <span>{settings ? RAW_POLICIES[settings.rawFiles] : NOT_KNOWN}</span>
        <ActionButton action={raw}>Change</ActionButton>
      </Fact>
      <Fact
        name="images to send"
        value={
          imagesToSend &&
          (imagesToSend.count === 0
            ? 'none'
            : `${formatCount(imagesToSend.count)}, ${formatGigabytes(imagesToSend.bytes)}`)
        }
      />
      <NumberFact
        name="at most, both ways"
        unit="KiB/s"
        placeholder={settings ? 'no limit' : NOT_KNOWN}
        value={settings?.kibPerSecond}
        onChange={(kibPerSecond) => onChange({ kibPerSecond })}
      />
      <Fact
        name="in the bucket and here"
        value={
          local &&
          `${local.bytes === 0 ? 'none' : formatGigabytes(local.bytes)}${local.keptBytes > 0 ? `, ${formatGigabytes(local.keptBytes)} of it kept` : ''}`
        }
      />
      <NumberFact
        name="of these here, at most"
        unit="GiB"
        placeholder={settings ? '20' : NOT_KNOWN}
        value={settings && settings.localMiB / MIB_PER_GIB}
        onChange={(gib) => onChange({ localMiB: Math.round((gib ?? 20) * MIB_PER_GIB) })}
      />
      <Fact
        name="make room next"
        value={
          local &&
          (local.toEvict.count === 0
            ? 'nothing'
            : `${formatCount(local.toEvict.count)}, ${formatGigabytes(local.toEvict.bytes)}; the bucket has them`)
        }
      />
      <Fact name="referred to by nobody">
        <ActionButton action={collect}>See …</ActionButton>
      </Fact>
      <Fact
        name="being fetched"
        value={
          arrivals?.length === 0
            ? 'nothing'
            : arrivals
                ?.map(({ loadedBytes, bytes }) => `${megabytes(loadedBytes)} of ${megabytes(bytes)} MB`)
                .join(', ')
        }
      />
    </dl>
  );
}

function NumberFact({
  name,
  unit,
  placeholder,
  value,
  onChange,
}: {
  readonly name: string;
  readonly unit: string;
  readonly placeholder: string;
  readonly value: number | undefined;
  /** Told `undefined` for an empty field. */
  readonly onChange: (value: number | undefined) => void;
}) {
  return (
    <Fact name={name}>
      <input
        className="sync-number"
        type="text"
        inputMode="decimal"
        aria-label={`${name}, ${unit}`}
        placeholder={placeholder}
        // Written anew when what is kept changes, and not while somebody types.
        key={value}
        defaultValue={value === undefined ? '' : String(Number(value.toFixed(2)))}
        onBlur={({ currentTarget }) => {
          const text = currentTarget.value.trim().replace(',', '.');
          const number = text === '' ? undefined : Number(text);
          if (number === value) return;
          if (number === undefined || number > 0) onChange(number);
          else currentTarget.value = value === undefined ? '' : String(value);
        }}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') currentTarget.blur();
        }}
      />
      <span className="dim">{unit}</span>
    </Fact>
  );
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
