import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Run } from '../../../core/api/contract/index.ts';
import { findBridge } from '../../api/bridge.ts';
import { client, describeFailure, type Failure } from '../../api/client.ts';
import { makeId } from '../../api/make-id.ts';
import { keys } from '../../api/queries.ts';

/** Two files to be compared. */
export interface Pair {
  readonly sciencePath: string;
  readonly templatePath: string;
  readonly allowBandMismatch: boolean;
}

/** What can be asked of the line, and what became of the last thing asked. */
export interface RunCommands {
  readonly isBusy: boolean;
  readonly failure: Failure | undefined;
  dismissFailure(): void;
  processSampleNight(): void;
  queuePair(pair: Pair): void;
  retry(runs: readonly Pick<Run, 'id'>[]): void;
  cancel(runs: readonly Pick<Run, 'id'>[]): void;
  /** Ask for two files: by the system's dialog in Electron, by a form of ours in a browser. */
  openPair(): void;
  readonly isAskingForPaths: boolean;
  closePairForm(): void;
}

/** Everything the queue can ask of the line. */
export function useRunCommands(): RunCommands {
  const queries = useQueryClient();
  const [failure, setFailure] = useState<Failure>();
  const [isAskingForPaths, setIsAskingForPaths] = useState(false);
  const command = useMutation({
    mutationFn: (ask: () => Promise<unknown>) => ask(),
    onMutate: () => setFailure(undefined),
    onError: (error) => setFailure(describeFailure(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.runs }),
  });
  const queuePair = (pair: Pair): void => {
    setIsAskingForPaths(false);
    // One id for one wish: sent twice, the pair is queued once.
    const id = makeId();
    send(command, () => client.pipeline.createRun({ ...pair, id }));
  };
  return {
    isBusy: command.isPending,
    failure,
    dismissFailure: () => setFailure(undefined),
    processSampleNight: () => send(command, () => client.pipeline.createSampleNight()),
    queuePair,
    retry: (runs) => send(command, () => Promise.all(runs.map(({ id }) => client.pipeline.retryRun({ id })))),
    cancel: (runs) =>
      send(command, () => Promise.all(runs.map(({ id }) => client.pipeline.cancelRun({ id })))),
    openPair: () => {
      const bridge = findBridge();
      if (bridge === undefined) {
        setIsAskingForPaths(true);
        return;
      }
      void bridge.openFits().then((pair) => pair && queuePair({ ...pair, allowBandMismatch: false }));
    },
    isAskingForPaths,
    closePairForm: () => setIsAskingForPaths(false),
  };
}

function send(
  command: UseMutationResult<unknown, Error, () => Promise<unknown>>,
  ask: () => Promise<unknown>,
): void {
  command.mutate(ask);
}
