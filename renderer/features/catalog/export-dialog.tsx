import type { RowFilter } from '../../../core/api/contract/index.ts';
import { type CatalogTable, exportUrl } from '../../api/catalog.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { formatCount } from '../../ui/format.ts';

const FORMATS = [
  ['csv', 'CSV', 'for spreadsheets and scripts'],
  ['votable', 'VOTable', 'for TOPCAT and Aladin, with units and UCDs'],
  ['fits', 'FITS table', 'for astropy and fv'],
  ['parquet', 'Parquet', 'for data frames; smallest'],
  ['ds9', 'DS9 regions', 'circles on the sky'],
] as const;

/** Save what the list shows, all of it, as a file. */
export function ExportDialog({
  table,
  filter,
  total,
  onClose,
}: {
  readonly table: CatalogTable;
  readonly filter: RowFilter;
  readonly total: number;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={`Export ${formatCount(total)} ${table === 'detections' ? 'detections' : 'objects'}`}
      onClose={onClose}
    >
      <ul className="export-list">
        {FORMATS.map(([format, name, use]) => (
          <li key={format}>
            <a
              className="button button-outline"
              href={exportUrl(table, format, filter)}
              download
              onClick={() => setTimeout(onClose, 0)}
            >
              {name}
            </a>
            <span className="dim">{use}</span>
          </li>
        ))}
        <li>
          <a
            className="button button-outline"
            href={exportUrl('labels', 'csv', {})}
            download
            onClick={() => setTimeout(onClose, 0)}
          >
            Labels as CSV
          </a>
          <span className="dim">every verdict that stands and that you may know, whatever the filter</span>
        </li>
      </ul>
      <p className="dim export-note">
        Where another label of a candidate is wanted, what others said of it is told to those who have judged
        it. Whole histories are merged elsewhere with “astrid labels export”.
      </p>
    </Dialog>
  );
}
