import { useCanvasStatus } from '../viewer/index.ts';

/** Says what is wrong with the graphics card, over the images it should draw. */
export function GraphicsNotice() {
  const { state } = useCanvasStatus();
  if (state === 'ready') return null;
  return (
    <p className="pane-notice graphics-notice" role="alert">
      {state === 'lost'
        ? 'The graphics card has reset; the images are rebuilt as soon as it is back. Labels are not touched.'
        : 'Images need WebGL2, which this window does not have. Run “astrid doctor” to see why; labels, grades and decisions work without it.'}
    </p>
  );
}
