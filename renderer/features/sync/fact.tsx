import type { ReactNode } from 'react';
import { NOT_KNOWN } from '../../ui/format.ts';

/** A line of what is known: a number or a word, or what it is changed with. */
export function Fact({
  name,
  value,
  children,
}: {
  readonly name: string;
  readonly value?: string | undefined;
  /** Instead of a value. */
  readonly children?: ReactNode;
}) {
  return (
    <div>
      <dt className="dim">{name}</dt>
      {children === undefined ? (
        <dd className="mono ellipsis" title={value}>
          {value ?? NOT_KNOWN}
        </dd>
      ) : (
        <dd className="sync-control">{children}</dd>
      )}
    </div>
  );
}
