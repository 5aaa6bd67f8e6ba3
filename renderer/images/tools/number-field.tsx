import { useEffect, useState } from 'react';

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
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(Number(value.toPrecision(6)))), [value]);
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
        onBlur={() => setText(String(Number(value.toPrecision(6))))}
      />
      <span className="dim">{unit}</span>
    </label>
  );
}
