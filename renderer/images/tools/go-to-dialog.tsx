import { useState } from 'react';
import { ActionButton } from '../../ui/action-button.tsx';
import { announce } from '../../ui/announce.ts';
import { Dialog } from '../../ui/dialog.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import type { Point, Size } from '../../viewer/index.ts';
import { useFieldView } from '../field-view.ts';
import { centreOn } from '../move-panes.ts';
import { formatSky, type ImageFrame } from './image-frame.ts';
import { parsePlace, type TypedPlace } from './parse-place.ts';
import { useTools } from './tools-view.ts';

const close = (): void => useTools.setState({ dialog: undefined });

/** Go to a place that is typed; what can be read in two ways is asked about. */
export function GoToDialog({
  frame,
  image,
}: {
  readonly frame: ImageFrame;
  readonly image: Size | undefined;
}) {
  const [text, setText] = useState('');
  const parsed = parsePlace(text);
  const choices = parsed.kind === 'places' ? parsed.places : [];
  const go = (place: TypedPlace): void => {
    const at = pixelOf(place, frame);
    if (at === undefined || !isOn(image, at)) return;
    centreOn(at);
    useFieldView.setState({ cursor: { at, pane: 'keys' } });
    close();
    announce(`at ${place.said}`);
  };
  const actions = choices.map(
    (place, i): Action => ({
      id: `go-to.${i}`,
      title: choices.length === 1 ? 'Go there' : `Go to ${place.said}`,
      keys: choices.length === 1 ? ['Ctrl+Enter'] : [`Alt+${i + 1}`],
      isEnabled: isReachable(place, frame, image),
      run: () => go(place),
    }),
  );
  return (
    <Dialog title="Go to a place" onClose={close} actions={actions}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // Two readings are two places: a person has to choose.
          if (choices.length === 1) go(choices[0]!);
        }}
      >
        <label className="text-field">
          RA Dec, l b, or x y
          <input
            data-focus-first
            value={text}
            spellCheck={false}
            placeholder="12:34:56.7 -01:23:45"
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p className="go-to-said dim" aria-live="polite">
          {parsed.kind === 'unread'
            ? parsed.why
            : choices.length > 1
              ? 'This can be read in two ways. Which is meant?'
              : describeChoice(choices[0]!, frame, image)}
        </p>
        <div className="tool-buttons">
          {actions.map((action, i) => (
            <ActionButton key={action.id} action={action} look={i === 0 ? 'primary' : 'outline'} />
          ))}
        </div>
        <p className="dim go-to-forms mono">
          12:34:56.7 -01:23:45 · 12h34m56.7s -1d23m45s · 188.736 -1.396 · gal 121.17 -21.57 · x 512 y 377 ·
          512 377 px
        </p>
      </form>
    </Dialog>
  );
}

function describeChoice(place: TypedPlace, frame: ImageFrame, image: Size | undefined): string {
  if (place.kind === 'sky' && frame.sky === undefined)
    return 'This image has no sky coordinates; go by x and y.';
  const at = pixelOf(place, frame);
  if (at === undefined) return 'That place is not on this part of the sky.';
  const pixel = `x ${(at.x + 1).toFixed(2)} y ${(at.y + 1).toFixed(2)}`;
  if (!isOn(image, at)) return `${pixel} lies outside the image.`;
  const sky = frame.sky?.toSky(at.x, at.y);
  return sky === undefined
    ? pixel
    : `${formatSky(sky, frame.pixelScaleArcsec ?? 1, 'sexagesimal')}   ${pixel}`;
}

function isReachable(place: TypedPlace, frame: ImageFrame, image: Size | undefined): boolean {
  const at = pixelOf(place, frame);
  return at !== undefined && isOn(image, at);
}

function pixelOf(place: TypedPlace, frame: ImageFrame): Point | undefined {
  if (place.kind === 'pixel') return { x: place.x - 1, y: place.y - 1 };
  return frame.sky?.toPixel(place.raDeg, place.decDeg);
}

function isOn(image: Size | undefined, { x, y }: Point): boolean {
  return image !== undefined && x >= -0.5 && y >= -0.5 && x < image.width - 0.5 && y < image.height - 0.5;
}
