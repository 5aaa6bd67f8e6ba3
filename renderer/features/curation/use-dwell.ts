import { useEffect, useState } from 'react';

/** Time a candidate stays before more is asked of it than its pixels: keys pressed quickly ask nothing, ms. */
export const LOOKED_AT_MS = 150;

/** Whether the same candidate has been on screen for a while. */
export function useDwell(candidateId: string, dwellMs: number): boolean {
  const [settled, setSettled] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => setSettled(candidateId), dwellMs);
    return () => clearTimeout(timer);
  }, [candidateId, dwellMs]);
  return settled === candidateId;
}
