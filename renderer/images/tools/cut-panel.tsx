import { useMemo } from 'react';
import { formatPixel } from '../../ui/format.ts';
import { cutLine } from '../../viewer/index.ts';
import { Facts } from './facts.tsx';
import { describeSeparation, measureSeparation } from './image-frame.ts';
import { NumberField } from './number-field.tsx';
import type { PanelContext } from './panel-context.ts';
import { extentOf, linePath, Plot, rangeOf } from './plot.tsx';
import { describePixel } from './region-document.ts';
import { useTools } from './tools-view.ts';
import { describeWaiting, usePixels } from './use-pixels.ts';

/** The values along a line that was drawn. */
export function CutPanel({ source, unit, frame }: PanelContext) {
  const cut = useTools((tools) => tools.cut);
  const width = useTools((tools) => tools.cutWidthPx);
  const margin = width / 2 + 2;
  const wanted = useMemo(() => cut && { cut, width }, [cut, width]);
  const state = usePixels(
    source,
    cut && {
      left: Math.min(cut.from.x, cut.to.x) - margin,
      right: Math.max(cut.from.x, cut.to.x) + margin,
      bottom: Math.min(cut.from.y, cut.to.y) - margin,
      top: Math.max(cut.from.y, cut.to.y) + margin,
    },
    wanted,
  );
  const { box, of } = state.kind === 'ready' ? state : {};
  const line = useMemo(() => box && of && cutLine(box, of.cut.from, of.cut.to, of.width), [box, of]);
  return (
    <div className="tool-panel cut-panel">
      <div className="tool-fields">
        <NumberField
          name="width"
          unit="px"
          min={1}
          max={999}
          value={width}
          onChange={(cutWidthPx) => useTools.setState({ cutWidthPx })}
        />
      </div>
      {line === undefined || cut === undefined ? (
        <p className="tool-waiting dim">
          {describeWaiting(
            state,
            'Drag a line over an image: its values stand here. Shift keeps it straight.',
          )}
        </p>
      ) : (
        <>
          <Plot
            label="Values along the line"
            x={{ lo: 0, hi: line.distances.at(-1)! || 1 }}
            y={rangeOf(line.values)}
            xName="along the line, px"
            yName={unit}
          >
            {(scale) => <path className="tool-plot-line" d={linePath(line.distances, line.values, scale)} />}
          </Plot>
          <Facts
            facts={[
              ['from', describePixel(cut.from)],
              ['to', describePixel(cut.to)],
              ['length', describeSeparation(measureSeparation(frame, cut.from, cut.to))],
              ['lowest', formatPixel(extentOf(line.values)?.lo)],
              ['highest', formatPixel(extentOf(line.values)?.hi)],
            ]}
          />
        </>
      )}
    </div>
  );
}
