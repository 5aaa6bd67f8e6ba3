import { useState } from 'react';
import { sourceOf } from '../../api/field-planes.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatPixel } from '../../ui/format.ts';
import { Menu } from '../../ui/menu.tsx';
import { PANES } from '../field-view.ts';
import { NAMES } from '../pane-words.tsx';
import { Facts } from './facts.tsx';
import { NumberField } from './number-field.tsx';
import type { PanelContext } from './panel-context.ts';
import { type ContourChoice, useTools } from './tools-view.ts';
import { levelsOf } from './use-contours.ts';

/** Which lines of equal value lie over the images. */
export function ContoursPanel({ planes }: PanelContext) {
  const contours = useTools((tools) => tools.contours);
  const lines = useTools((tools) => tools.contourLines);
  const plane = planes[contours.of];
  const source = sourceOf(plane);
  const levels = source === undefined ? [] : levelsOf(source, contours);
  const points = lines.reduce((sum, level) => sum + level.lines.length, 0);
  const set = (change: Partial<ContourChoice>): void =>
    useTools.setState((tools) => ({ contours: { ...tools.contours, ...change } }));
  return (
    <div className="tool-panel contours-panel">
      <div className="tool-fields">
        <div className="tool-buttons">
          <ActionButton
            action={{
              id: 'contours.draw',
              title: contours.isOn ? 'Hide' : 'Draw',
              keys: [],
              run: () => set({ isOn: !contours.isOn }),
            }}
            look="outline"
            isPressed={contours.isOn}
          />
          <Menu
            name="of"
            value={NAMES[contours.of]}
            choices={PANES.map((kind) => ({ value: kind, label: NAMES[kind] }))}
            isChosen={(kind) => kind === contours.of}
            onChoose={(of) => set({ of })}
          />
        </div>
        <LevelsField levels={contours.levels} onChange={(typed) => set({ levels: typed, isOn: true })} />
        <NumberField
          name="smooth"
          unit="px"
          min={0}
          max={20}
          value={contours.smooth}
          onChange={(smooth) => set({ smooth })}
        />
      </div>
      <Facts
        facts={[
          [
            'levels',
            levels.length === 0 ? 'none stands out' : levels.map((level) => formatPixel(level)).join('  '),
          ],
          ['drawn', contours.isOn ? `${points} lines in view` : 'hidden'],
        ]}
      />
    </div>
  );
}

function LevelsField({
  levels,
  onChange,
}: {
  readonly levels: readonly number[] | undefined;
  readonly onChange: (levels: readonly number[] | undefined) => void;
}) {
  const [text, setText] = useState(levels?.join(' ') ?? '');
  return (
    <label className="tool-field tool-field-wide">
      <span className="dim">levels</span>
      <input
        className="tool-input mono"
        value={text}
        placeholder="3, 6, 12 … σ above the sky"
        onChange={(event) => {
          setText(event.target.value);
          const numbers = event.target.value
            .split(/[\s,;]+/)
            .filter(Boolean)
            .map(Number);
          if (numbers.every(Number.isFinite))
            onChange(numbers.length === 0 ? undefined : numbers.sort((a, b) => a - b));
        }}
      />
    </label>
  );
}
