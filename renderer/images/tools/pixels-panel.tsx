import { formatPixel } from '../../ui/format.ts';
import { pixelAt } from '../../viewer/index.ts';
import { useFieldView } from '../field-view.ts';
import type { PanelContext } from './panel-context.ts';

const COLUMNS = 11;
const ROWS = 6;

/** The values of the pixels around the cursor, as they lie on the image. */
export function PixelsPanel({ source, unit }: PanelContext) {
  const cursor = useFieldView((view) => view.cursor);
  if (source === undefined || cursor === undefined)
    return (
      <p className="tool-waiting dim">
        Move over an image, or use the arrow keys: the pixels around the cursor stand here. F freezes them.
      </p>
    );
  const centre = pixelAt(cursor.at);
  const left = Math.min(Math.max(0, centre.x - (COLUMNS >> 1)), Math.max(0, source.width - COLUMNS));
  const bottom = Math.min(Math.max(0, centre.y - (ROWS >> 1)), Math.max(0, source.height - ROWS));
  const columns = Array.from({ length: Math.min(COLUMNS, source.width) }, (_, i) => left + i);
  const rows = Array.from({ length: Math.min(ROWS, source.height) }, (_, i) => bottom + i).reverse();
  return (
    <div className="tool-panel pixels-panel selectable">
      <table className="pixel-table mono">
        <thead>
          <tr>
            <th scope="col" className="dim">
              {unit}
            </th>
            {columns.map((x) => (
              <th key={x} scope="col" className={x === centre.x ? 'pixel-axis' : 'dim'}>
                {x + 1}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((y) => (
            <tr key={y}>
              <th scope="row" className={y === centre.y ? 'pixel-axis' : 'dim'}>
                {y + 1}
              </th>
              {columns.map((x) => (
                <td key={x} className={x === centre.x && y === centre.y ? 'pixel-here' : ''}>
                  {formatPixel(source.valueAt(x, y))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
