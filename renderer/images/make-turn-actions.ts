import type { SkyLattice } from '../../core/api/contract/index.ts';
import { announce } from '../ui/announce.ts';
import type { Action } from '../ui/keys/dispatcher.ts';
import { type Camera, compassAt, flip, northUp, rotateBy } from '../viewer/index.ts';

/** What keys do to how an image lies: north up with east on either side, flips, quarter turns. */
export function makeTurnActions(
  change: (to: (camera: Camera) => Camera | undefined) => void,
  sky: () => SkyLattice | undefined,
): Action[] {
  const up = (eastSide: 'left' | 'right'): void => {
    const grid = sky();
    if (grid === undefined) {
      announce('the image has no sky coordinates');
      return;
    }
    change((camera) => {
      const compass = compassAt(grid, camera.x, camera.y);
      return compass === undefined ? camera : northUp(camera, compass, eastSide);
    });
    announce(`north up, east ${eastSide}`);
  };
  const action = (id: string, title: string, key: string, run: () => void): Action => ({
    id: `field.${id}`,
    title,
    keys: [key],
    run,
  });
  return [
    action('north-up', 'North up, east left', 'O', () => up('left')),
    action('north-up-mirrored', 'North up, east right', 'Shift+O', () => up('right')),
    action('flip-x', 'Flip left and right', 'X', () => change((camera) => flip(camera, 'x'))),
    action('flip-y', 'Flip top and bottom', 'Y', () => change((camera) => flip(camera, 'y'))),
    action('turn-left', 'Turn a quarter to the left', ',', () => change((camera) => rotateBy(camera, 90))),
    action('turn-right', 'Turn a quarter to the right', '.', () => change((camera) => rotateBy(camera, -90))),
    action('upright', 'As the pixels lie in the file', 'Alt+O', () =>
      change((camera) => ({ ...camera, rotationDeg: 0, isMirrored: false })),
    ),
  ];
}
