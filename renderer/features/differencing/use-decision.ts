import { useEffect, useRef, useState } from 'react';
import type { Review } from '../../../core/api/contract/index.ts';
import { describeFailure, type Failure } from '../../api/client.ts';
import { type Decision, type OnDifference, useReviewLog } from '../../api/reviews.ts';
import { announce } from '../../ui/announce.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';

/**
 * Accepting and rejecting one difference, with a comment, and taking that back.
 *
 * What could not be saved is said, and tried again, for the difference that it was said of, whatever is on screen now.
 */
export function useDecision(runId: string, name: string, review: Review | undefined) {
  const { decide, takeBack } = useReviewLog();
  const [comment, setComment] = useState('');
  const here = useRef(runId);
  const field = useRef<HTMLInputElement>(null);
  // A comment belongs to the frame it was written for.
  useEffect(() => {
    here.current = runId;
    setComment('');
  }, [runId]);
  const sayOn = (on: OnDifference, words: string, comment: string): void => {
    // The comment of another difference is none of its business.
    if (on.runId === here.current) setComment(comment);
    announce(on.runId === here.current ? words : `${on.name}: ${words}`);
  };
  const give = (said: Decision): void => {
    decide.mutate(said, { onSuccess: () => sayOn(said, `${said.decision}, saved`, '') });
  };
  const undo = (on: OnDifference = { runId, name }): void => {
    takeBack.mutate(on, {
      // What was said may be said again, in better words.
      onSuccess: (taken) => sayOn(on, 'decision taken back', taken?.comment ?? ''),
    });
  };
  const actions: Record<'accept' | 'reject' | 'takeBack' | 'comment', Action> = {
    accept: {
      id: 'review.accept',
      title: 'Accept this difference',
      keys: ['Shift+A'],
      run: () => give({ runId, name, decision: 'accepted', comment }),
    },
    reject: {
      id: 'review.reject',
      title: 'Reject this difference',
      keys: ['Shift+R'],
      run: () => give({ runId, name, decision: 'rejected', comment }),
    },
    takeBack: {
      id: 'review.undo',
      title: 'Take the decision back',
      keys: ['Backspace', 'Ctrl+Z'],
      isEnabled: review !== undefined || (decide.isPending && decide.variables.runId === runId),
      run: () => undo(),
    },
    comment: {
      id: 'review.comment',
      title: 'Comment on the decision',
      keys: ['Shift+C'],
      run: () => field.current?.focus(),
    },
  };
  return {
    comment,
    onComment: setComment,
    field,
    actions,
    failure: describeLost(decide, runId) ?? describeLost(takeBack, runId),
    retry: (): void => {
      if (decide.isError) give(decide.variables);
      else if (takeBack.isError) undo(takeBack.variables);
    },
    dismiss: (): void => {
      decide.reset();
      takeBack.reset();
    },
  };
}

/** Say why something was not saved, and of which difference, where that is not the one on screen. */
function describeLost(
  mutation: { readonly error: Error | null; readonly variables: OnDifference | undefined },
  runId: string,
): Failure | undefined {
  const { error, variables } = mutation;
  if (error === null || variables === undefined) return undefined;
  const { code, message } = describeFailure(error);
  return variables.runId === runId ? { code, message } : { code, message: `${variables.name}: ${message}` };
}
