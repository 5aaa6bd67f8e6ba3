import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Curator } from '../../../core/api/contract/index.ts';
import { curationOf } from '../../api/labelling.ts';
import { formatClock } from '../../ui/format.ts';
import { useActions } from '../../ui/keys/use-actions.ts';

/** Where a remark is written: Enter keeps it, Escape leaves it and everything else as it was. */
export function CommentField({
  candidateId,
  curatorId,
  curators,
  onSave,
  onClose,
}: {
  readonly candidateId: string;
  readonly curatorId: string;
  readonly curators: readonly Curator[];
  readonly onSave: (text: string) => void;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState('');
  const { data } = useQuery({ ...curationOf(candidateId, curatorId), staleTime: 0 });
  useActions('Comment', 'screen', [
    { id: 'comment.close', title: 'Leave the comment', keys: ['Escape'], run: onClose },
  ]);
  return (
    <form
      className="comment-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') onSave(text.trim());
        onClose();
      }}
    >
      {data !== undefined && data.comments.length > 0 && (
        <ul>
          {data.comments.map((comment) => (
            <li key={comment.id}>
              <span className="mono dim">
                {curators.find(({ id }) => id === comment.curator)?.shortId ?? '?'} {formatClock(comment.at)}
              </span>{' '}
              {comment.text}
            </li>
          ))}
        </ul>
      )}
      <input
        // biome-ignore lint/a11y/noAutofocus: the field was asked for by a key
        autoFocus
        aria-label="Comment"
        placeholder="Comment; Enter keeps it, Esc leaves it"
        maxLength={2000}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </form>
  );
}
