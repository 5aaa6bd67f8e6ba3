import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Run } from '../../core/api/contract/index.ts';
import { announce } from '../ui/announce.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { client, describeFailure } from './client.ts';
import { keys } from './queries.ts';

const ANSWERS = {
  sending: 'its images go to the bucket with the next sync',
  shared: 'its images are in the bucket, or on their way',
  asked: 'its workstation is asked for the images with the next sync',
} as const;

/** What has the images of a field in the bucket: sent from here, or asked of the workstation that has them. */
export function useMirrorAction(run: Run | undefined, hasImages: boolean): Action {
  const queries = useQueryClient();
  const sync = useQuery({
    queryKey: keys.sync,
    queryFn: ({ signal }) => client.sync.getSyncState(undefined, { signal }),
    staleTime: 60_000,
  });
  const mirror = useMutation({
    mutationFn: (id: string) => client.sync.mirrorRun({ id }),
    onSuccess: ({ answer }) => announce(ANSWERS[answer]),
    onError: (error) => announce(describeFailure(error).message),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.sync }),
  });
  const isElsewhere = run?.origin !== undefined;
  return {
    id: 'field.mirror',
    title: isElsewhere ? 'Ask for its images' : 'Send its images',
    keys: ['Shift+U'],
    isEnabled:
      run?.status === 'done' &&
      sync.data?.connection?.bucket !== undefined &&
      !mirror.isPending &&
      !(isElsewhere && hasImages),
    run: () => run && mirror.mutate(run.id),
  };
}
