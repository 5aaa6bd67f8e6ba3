import { useEffect, useRef, useState } from 'react';
import type { Review } from '../../../core/api/contract/index.ts';
import { useReviewLog } from '../../api/reviews.ts';
import { announce } from '../../ui/announce.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';

/** Accepting and rejecting one difference, with a comment, and taking that back. */
export function useDecision(runId: string, review: Review | undefined) {
  const { decide, takeBack } = useReviewLog(runId);
  const [comment, setComment] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a comment belongs to the frame it was written for
  useEffect(() => setComment(''), [runId]);
  const give = (decision: Review['decision']): void => {
    decide.mutate(
      { decision, comment },
      {
        onSuccess: () => {
          setComment('');
          announce(`${decision}, saved`);
        },
      },
    );
  };
  const undo = (): void => {
    takeBack.mutate(undefined, {
      onSuccess: (taken) => {
        // What was said may be said again, in better words.
        setComment(taken?.comment ?? '');
        announce('decision taken back');
      },
    });
  };
  const actions: Record<'accept' | 'reject' | 'takeBack' | 'comment', Action> = {
    accept: {
      id: 'review.accept',
      title: 'Accept this difference',
      keys: ['Shift+A'],
      run: () => give('accepted'),
    },
    reject: {
      id: 'review.reject',
      title: 'Reject this difference',
      keys: ['Shift+R'],
      run: () => give('rejected'),
    },
    takeBack: {
      id: 'review.undo',
      title: 'Take the decision back',
      keys: ['Backspace', 'Ctrl+Z'],
      isEnabled: review !== undefined || decide.isPending,
      run: undo,
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
    failure: decide.error ?? takeBack.error ?? undefined,
    retry: (): void => {
      if (decide.error && decide.variables) decide.mutate(decide.variables);
      else if (takeBack.error) undo();
    },
    dismiss: (): void => {
      decide.reset();
      takeBack.reset();
    },
  };
}
