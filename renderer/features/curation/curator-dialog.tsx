import { type FormEvent, useState } from 'react';
import type { Curator } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { useChangeCurator } from '../../api/labelling.ts';
import { makeId } from '../../api/make-id.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { CuratorMark } from './curator-mark.tsx';

const SHAPES = ['disc', 'square', 'triangle', 'diamond', 'hexagon', 'cross'] as const;
const COLOURS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Who labels: choose somebody, change a profile, or add one. */
export function CuratorDialog({
  curators,
  currentId,
  onClose,
}: {
  readonly curators: readonly Curator[];
  readonly currentId: string;
  readonly onClose: () => void;
}) {
  const { save, choose } = useChangeCurator();
  const [draft, setDraft] = useState<Curator | undefined>();
  const [failure, setFailure] = useState<string>();
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      onClose();
    } catch (error) {
      setFailure(describeFailure(error).message);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (draft === undefined) return;
    void attempt(async () => {
      await save({ ...draft, name: draft.name.trim(), shortId: draft.shortId.trim().toUpperCase() });
      await choose(draft.id);
    });
  };
  const add = (): void =>
    setDraft({
      id: makeId(),
      name: '',
      shortId: '',
      colour: curators.length % 8,
      shape: SHAPES[curators.length % SHAPES.length]!,
    });
  return (
    <Dialog title="Who is labelling?" onClose={onClose}>
      <ul className="curator-list">
        {curators.map((curator) => (
          <li key={curator.id}>
            <button
              type="button"
              className="button"
              aria-pressed={curator.id === currentId}
              {...(curator.id === currentId ? { 'data-focus-first': true } : {})}
              onClick={() => void attempt(() => choose(curator.id))}
            >
              <CuratorMark curator={curator} /> <span className="mono">{curator.shortId}</span> {curator.name}
            </button>
            <button type="button" className="button button-outline" onClick={() => setDraft(curator)}>
              Change
            </button>
          </li>
        ))}
      </ul>
      {failure !== undefined && <p role="alert">{failure}</p>}
      {draft === undefined ? (
        <button type="button" className="button button-outline" onClick={add}>
          Add a curator
        </button>
      ) : (
        <form onSubmit={submit} className="curator-form">
          <label className="text-field">
            <span className="dim">Name</span>
            <input
              required
              maxLength={80}
              value={draft.name}
              onChange={({ target }) => setDraft({ ...draft, name: target.value })}
            />
          </label>
          <label className="text-field">
            <span className="dim">Short, for tight places</span>
            <input
              required
              maxLength={4}
              value={draft.shortId}
              onChange={({ target }) => setDraft({ ...draft, shortId: target.value })}
            />
          </label>
          <fieldset className="swatches">
            <legend className="dim">Shape</legend>
            {SHAPES.map((shape) => (
              <button
                type="button"
                key={shape}
                className="button"
                aria-label={shape}
                aria-pressed={draft.shape === shape}
                onClick={() => setDraft({ ...draft, shape })}
              >
                <CuratorMark curator={{ shape, colour: draft.colour }} />
              </button>
            ))}
          </fieldset>
          <fieldset className="swatches">
            <legend className="dim">Colour</legend>
            {COLOURS.map((colour) => (
              <button
                type="button"
                key={colour}
                className="button"
                aria-label={`colour ${colour + 1}`}
                aria-pressed={draft.colour === colour}
                onClick={() => setDraft({ ...draft, colour })}
              >
                <CuratorMark curator={{ shape: 'disc', colour }} />
              </button>
            ))}
          </fieldset>
          <button type="submit" className="button button-primary">
            Save and label as {draft.name.trim() || 'this curator'}
          </button>
        </form>
      )}
    </Dialog>
  );
}
