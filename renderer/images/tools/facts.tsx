import type { ReactNode } from 'react';

/** Names and numbers in columns of a few rows each. */
export function Facts({
  facts,
  rows = 9,
}: {
  readonly facts: readonly (readonly [string, ReactNode])[];
  readonly rows?: number;
}) {
  return (
    <dl className="tool-facts selectable" style={{ gridTemplateRows: `repeat(${rows}, 18px)` }}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="dim">{name}</dt>
          <dd className="mono">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
