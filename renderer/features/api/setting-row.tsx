import type { ReactNode } from 'react';

/** One setting: its name, what it does, and its control. */
export function SettingRow({
  name,
  note,
  children,
}: {
  readonly name: string;
  readonly note?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <div className="setting-row">
      <div>
        <span>{name}</span>
        {note !== undefined && <p className="dim">{note}</p>}
      </div>
      <div className="setting-control">{children}</div>
    </div>
  );
}

/** A number between two, by a slider; what it means stands beside it. */
export function Slider({
  name,
  min,
  max,
  step,
  value,
  unit,
  onChange,
}: {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly unit: string;
  readonly onChange: (value: number) => void;
}) {
  return (
    <div className="slider">
      <input
        className="range"
        type="range"
        aria-label={name}
        aria-valuetext={`${value} ${unit}`}
        min={min}
        max={max}
        step={step}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <span className="number">
        {value} {unit}
      </span>
    </div>
  );
}
