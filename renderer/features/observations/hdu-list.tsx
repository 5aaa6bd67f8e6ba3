import type { ImageFile, ImageHdu } from '../../../core/api/contract/index.ts';

/** The HDUs of a file; those with an image can be chosen. */
export function HduList({
  file,
  chosen,
  onChoose,
}: {
  readonly file: ImageFile | undefined;
  readonly chosen: number | undefined;
  readonly onChoose: (index: number) => void;
}) {
  return (
    <div className="hdu-list" role="radiogroup" aria-label="HDUs of the file">
      <div className="hdu-row hdu-headings dim" aria-hidden="true">
        <span className="right">#</span>
        <span>name</span>
        <span>holds</span>
        <span className="right">size</span>
      </div>
      {file?.hdus.map((hdu) => (
        // biome-ignore lint/a11y/useSemanticElements: a row of a table that is chosen, not a form's button
        <button
          key={hdu.index}
          type="button"
          role="radio"
          className="hdu-row"
          aria-checked={hdu.index === chosen}
          disabled={hdu.width === 0}
          title={hdu.missingBytes > 0 ? `${hdu.missingBytes} bytes of it are missing` : undefined}
          onClick={() => onChoose(hdu.index)}
        >
          <span className="number">{hdu.index}</span>
          <span className="ellipsis">{nameOf(hdu)}</span>
          <span className="ellipsis dim">{KINDS[hdu.kind]}</span>
          <span className="number">{sizeOf(hdu)}</span>
        </button>
      ))}
      {file?.problem && (
        <p className="hdu-problem" role="alert">
          The list ends here: {file.problem.message}
        </p>
      )}
    </div>
  );
}

const KINDS: Readonly<Record<ImageHdu['kind'], string>> = {
  image: 'image',
  'compressed-image': 'packed image',
  bintable: 'table',
  'ascii-table': 'text table',
  'random-groups': 'visibilities',
  unknown: 'unknown',
};

function nameOf({ index, extname, extver, missingBytes }: ImageHdu): string {
  const name = extname ?? (index === 0 ? 'primary' : 'unnamed');
  return `${name}${extver > 1 ? `,${extver}` : ''}${missingBytes > 0 ? ' (cut short)' : ''}`;
}

function sizeOf({ width, shape, kind }: ImageHdu): string {
  if (width > 0) return [...shape].reverse().join('×');
  return kind === 'bintable' || kind === 'ascii-table' ? `${shape[0] ?? 0} rows` : 'empty';
}
