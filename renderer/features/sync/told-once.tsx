import { useState } from 'react';
import { ActionButton } from '../../ui/action-button.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';

/** Makes what copies a text; its title says when it is done. */
export function useCopyAction(text: string): Action {
  const [copied, setCopied] = useState<string>();
  return {
    id: 'sync.copy',
    title: copied === text ? 'Copied' : 'Copy it',
    keys: ['Ctrl+Shift+C'],
    isEnabled: text !== '',
    run: () =>
      void navigator.clipboard.writeText(text).then(
        () => setCopied(text),
        () => undefined,
      ),
  };
}

/** What is shown this once: who it is for has to be told, or has to write it down. */
export function ToldOnce({
  sentence,
  lines,
  copy,
}: {
  readonly sentence: string;
  readonly lines: readonly (readonly [name: string, text: string])[];
  readonly copy: Action;
}) {
  return (
    <div className="told-once" role="status">
      <p>{sentence}</p>
      <dl className="selectable">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt className="dim">{name}</dt>
            <dd className="mono">{text}</dd>
          </div>
        ))}
      </dl>
      {lines.length > 0 && <ActionButton action={copy} look="outline" />}
    </div>
  );
}

/** Write lines as they are copied. */
export function writeLines(lines: readonly (readonly [name: string, text: string])[]): string {
  return lines.map(([name, text]) => `${name}: ${text}`).join('\n');
}
