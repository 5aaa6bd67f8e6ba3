/** One of a few words, all of them on screen. */
export function Choice<Value extends string | number>({
  name,
  values,
  value,
  onChoose,
}: {
  readonly name: string;
  readonly values: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChoose: (value: Value) => void;
}) {
  return (
    <div className="choice" role="radiogroup" aria-label={name}>
      {values.map((one) => (
        // biome-ignore lint/a11y/useSemanticElements: the system draws radio buttons white in the night
        <button
          key={one.value}
          type="button"
          role="radio"
          aria-checked={one.value === value}
          className="button choice-button"
          onClick={() => onChoose(one.value)}
        >
          {one.label}
        </button>
      ))}
    </div>
  );
}
