import { useEffect } from 'react';
import { useSampNews } from '../api/samp.ts';
import { announce } from '../ui/announce.ts';
import { goTo } from './navigation.ts';

/** Open images that other programs send, and say what of theirs could not be used. */
export function useSampImages(): void {
  useEffect(
    () =>
      useSampNews.subscribe(({ last }, before) => {
        if (last === undefined || last === before.last) return;
        if (last.kind === 'image') {
          goTo({ screen: 'field', imagePath: last.path });
          announce(`image ${last.name} from ${last.from}`);
        }
        if (last.kind === 'refused')
          announce(`${last.from} sent something that was refused: ${last.message}`);
      }),
    [],
  );
}
