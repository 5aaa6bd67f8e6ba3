import type { InputHTMLAttributes, ReactNode } from 'react';
import { ActionButton } from './action-button.tsx';
import type { Action } from './keys/dispatcher.ts';
import { FindingMark } from './marks.tsx';

/** What is filled in before something is done: Enter in any line does it, and why it failed stands above its button. */
export function Form({
  act,
  failure,
  children,
}: {
  readonly act: Action;
  readonly failure?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (act.isEnabled !== false) act.run();
      }}
    >
      {children}
      {failure !== undefined && (
        <p className="form-failure" role="alert">
          <FindingMark state="error" /> {failure}
        </p>
      )}
      <ActionButton action={act} look="primary" />
      {/* A form of two lines is sent by Enter only where it has one. */}
      <button type="submit" hidden />
    </form>
  );
}

/** A line to write in, with its name above it. */
export function TextField({
  name,
  isFirst = false,
  onText,
  ...input
}: {
  readonly name: ReactNode;
  /** Whether a dialog begins here. */
  readonly isFirst?: boolean;
  readonly value: string;
  onText(text: string): void;
} & Pick<InputHTMLAttributes<HTMLInputElement>, 'maxLength' | 'placeholder'>) {
  return (
    <label className="text-field">
      <span>{name}</span>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...(isFirst ? { 'data-focus-first': '' } : {})}
        onChange={({ target }) => onText(target.value)}
        {...input}
      />
    </label>
  );
}
