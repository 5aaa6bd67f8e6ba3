import { type Display, type ImageSource, resolveLimits } from '../viewer/index.ts';
import { setDisplay } from './field-view.ts';
import { NumberField } from './tools/number-field.tsx';
import './tools/tools.css';

/** The limits of the active image as numbers to be typed; nothing where there is no image. */
export function LimitFields({
  display,
  source,
}: {
  readonly display: Display;
  readonly source: ImageSource | undefined;
}) {
  if (source === undefined) return null;
  const limits = resolveLimits(display.limits, source.statistics);
  // What would turn the image round is not taken: inverting has a key of its own.
  const set = (change: Partial<typeof limits>): void => {
    const { lo, hi } = { ...limits, ...change };
    if (lo < hi) setDisplay({ limits: { kind: 'user', lo, hi } });
  };
  return (
    <fieldset className="limit-fields" aria-label="Limits as numbers">
      {(['lo', 'hi'] as const).map((end) => (
        <NumberField
          key={end}
          name={end === 'lo' ? 'low' : 'high'}
          value={limits[end]}
          unit=""
          min={-Number.MAX_VALUE}
          max={Number.MAX_VALUE}
          onChange={(value) => set({ [end]: value })}
        />
      ))}
    </fieldset>
  );
}
