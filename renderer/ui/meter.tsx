/** A thin bar that fills; the number it shows stands beside it. */
export function Meter({
  fraction,
  label,
  isAccent = false,
}: {
  readonly fraction: number;
  readonly label: string;
  readonly isAccent?: boolean | undefined;
}) {
  const percent = Math.round(Math.min(1, Math.max(0, fraction)) * 100);
  return (
    <div
      className={isAccent ? 'meter meter-accent' : 'meter'}
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}
