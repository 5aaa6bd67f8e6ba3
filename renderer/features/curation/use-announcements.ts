import { useEffect, useRef } from 'react';
import { announce } from '../../ui/announce.ts';
import { countLeft, type LabelQueue } from './label-queue.ts';

/** Tell people who listen what was saved and how many are left. */
export function useAnnouncements(queue: LabelQueue): void {
  const before = useRef(queue);
  useEffect(() => {
    const { history } = before.current;
    before.current = queue;
    const [deed] = queue.history.at(-1)?.deeds ?? [];
    if (queue.failure !== undefined) announce(`not saved: ${queue.failure.message}`);
    else if (queue.history.length > history.length && deed !== undefined) {
      const what =
        deed.kind === 'label'
          ? `${deed.judgement.verdict} saved`
          : deed.kind === 'flag'
            ? `flag ${deed.isSet ? 'set' : 'taken away'}`
            : 'comment saved';
      announce(`${what}, ${countLeft(queue)} left`);
    } else if (queue.history.length < history.length) announce(`taken back, ${countLeft(queue)} left`);
  }, [queue]);
}
