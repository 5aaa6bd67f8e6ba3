import { findCentre, type ImageSource, type Point, readBox } from '../../viewer/index.ts';
import { useTools } from './tools-view.ts';

/** Lay the apertures on the source that is nearest to a click; on the click itself where there is none. */
export async function pickSource(source: ImageSource | undefined, place: Point): Promise<void> {
  useTools.setState({ spot: place, panel: 'source' });
  if (source === undefined) return;
  const { radii } = useTools.getState();
  const reach = Math.max(4, radii.radius * 1.5);
  const box = await readBox(source, {
    left: place.x - 2 * reach,
    right: place.x + 2 * reach,
    bottom: place.y - 2 * reach,
    top: place.y + 2 * reach,
  });
  // Another click may have come while the pixels were read.
  if (box === undefined || useTools.getState().spot !== place) return;
  useTools.setState({ spot: findCentre(box, place, reach) });
}
