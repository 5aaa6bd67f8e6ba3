import { Dialog } from '../ui/dialog.tsx';
import { KeyCap } from '../ui/key-cap.tsx';
import type { ActionLayer } from '../ui/keys/dispatcher.ts';
import { effectiveKeys } from '../ui/keys/effective-keys.ts';
import { useKeys } from '../ui/keys/use-actions.ts';

/** Hands over an image; they have no keys, so no action lists them. */
const HANDS: readonly (readonly [string, string])[] = [
  ['drag', 'Move the image'],
  ['wheel', 'Zoom at the pointer'],
  ['right drag', 'Bias across, contrast down, as in DS9'],
  ['middle click', 'Centre here'],
  ['click on a marker', 'Choose the candidate'],
];

/** All keys that work on this screen. */
export function KeySheet({
  layers,
  onClose,
}: {
  readonly layers: readonly ActionLayer[];
  readonly onClose: () => void;
}) {
  const keys = effectiveKeys(layers, useKeys().keysOf);
  return (
    <Dialog title="Keys" className="key-sheet" onClose={onClose}>
      <div className="key-columns">
        {layers.map((layer) => (
          <section key={layer.name}>
            <h3 className="dim">{layer.name}</h3>
            <dl>
              {layer
                .actions()
                .filter(({ id }) => keys.has(id))
                .map((action) => (
                  <div key={action.id} className="key-line">
                    <dt>
                      {keys.get(action.id)!.map((chord) => (
                        <KeyCap key={chord} chord={chord} />
                      ))}
                    </dt>
                    <dd>{action.title}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className="dim">Over an image</h3>
          <dl>
            {HANDS.map(([hand, meaning]) => (
              <div key={hand} className="key-line">
                <dt>
                  <kbd className="key-cap">{hand}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
