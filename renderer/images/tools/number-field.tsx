import { useCallback, useEffect, useState } from 'react';

/** A number that is typed; what is no number changes nothing. */
export function NumberField({
  name,
  value,
  unit,
  min,
  max,
  onChange,
}: {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly onChange: (value: number) => void;
}) {
  const [text, setText] = useState(() => write(value));
  /** What is typed stands as it is typed, with all its digits; only another number is written over it. */
  const showValue = useCallback(
    () => setText((typed) => (typed.trim() !== '' && Number(typed) === value ? typed : write(value))),
    [value],
  );
  useEffect(showValue, [showValue]);
  return (
    <label className="tool-field">
      <span className="dim">{name}</span>
      <input
        className="tool-input mono"
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          const number = Number(event.target.value.trim());
          if (event.target.value.trim() !== '' && number >= min && number <= max) onChange(number);
        }}
        onBlur={showValue}
      />
      <span className="dim">{unit}</span>
    </label>
  );
}

function write(value: number): string {
  return String(Number(value.toPrecision(6)));
}
