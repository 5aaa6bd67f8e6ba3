import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { ImageFile, ImageHdu } from '../../../core/api/contract/index.ts';
import { describeFailure } from '../../api/client.ts';
import { useImageFile, useImagePlanes, useImageSky } from '../../api/image-file.ts';
import { useBlinkUnlocked } from '../../images/blink.ts';
import { FieldPane } from '../../images/field-pane.tsx';
import { FieldToolbar } from '../../images/field-toolbar.tsx';
import { NOT_COMPARED, showRun, useFieldView } from '../../images/field-view.ts';
import { GraphicsNotice } from '../../images/graphics-notice.tsx';
import { makeViewActions } from '../../images/make-view-actions.ts';
import { cameraOf, fittedCamera } from '../../images/pane-camera.ts';
import { describeCursor, Readout } from '../../images/readout.tsx';
import { Magnifier, Panner } from '../../images/side-views.tsx';
import { ToolStrip } from '../../images/tools/tool-strip.tsx';
import { useFieldTools } from '../../images/tools/use-tools.ts';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { HduList } from './hdu-list.tsx';
import '../../images/images.css';
import './image.css';

/** A FITS file that is looked at where it lies: one of its images at a time, nothing ingested. */
export function ImageScreen({ path, onQueue }: { readonly path: string; readonly onQueue: () => void }) {
  const query = useImageFile(path);
  const file = query.data;
  const [chosen, setChosen] = useState<{ readonly path: string; readonly hdu: number }>();
  const [slice, setSlice] = useState(0);
  const index = chosen?.path === path ? chosen.hdu : file?.defaultHdu;
  const hdu = file?.hdus.find((one) => one.index === index);
  const shownSlice = Math.min(slice, (hdu?.planes ?? 1) - 1);
  const planes = useImagePlanes(file, hdu, shownSlice);
  const sky = useImageSky(file, hdu).data;
  const frame = useRef<HTMLDivElement>(null);
  const surface = useMemo(
    () => ({
      get current() {
        return frame.current?.querySelector<HTMLElement>('.image-surface') ?? null;
      },
    }),
    [],
  );
  const camera = useCallback(
    () => cameraOf(useFieldView.getState(), planes, surface, 'science'),
    [planes, surface],
  );
  useEffect(() => {
    showRun(documentOf(path, index));
    useFieldView.setState({ ...NOT_COMPARED, active: 'science' });
  }, [path, index]);

  const step = (by: number): void => {
    if (hdu !== undefined) setSlice((shownSlice + by + hdu.planes) % hdu.planes);
  };
  const isCube = (hdu?.planes ?? 1) > 1;
  const own: Action[] = [
    { id: 'image.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue },
    {
      id: 'image.slice-next',
      title: 'Next slice of the cube',
      keys: [']'],
      isEnabled: isCube,
      repeats: true,
      run: () => step(1),
    },
    {
      id: 'image.slice-previous',
      title: 'Previous slice of the cube',
      keys: ['['],
      isEnabled: isCube,
      repeats: true,
      run: () => step(-1),
    },
  ];
  const { named, all } = makeViewActions({
    camera,
    fitted: (turn) => fittedCamera(planes, surface, turn),
    sky: () => sky,
    copyText: () => {
      const text = describeCursor(useFieldView.getState(), planes, sky, hdu?.physical);
      return text && [text.x, text.y, text.place, text.value, text.unit].filter(Boolean).join(' ');
    },
    lockKeys: [],
    isBlinkUnlocked: useBlinkUnlocked(),
    isSingle: true,
  });
  useActions('Image', 'screen', [...own, ...all]);
  const origin = {
    kind: 'file',
    path,
    name: file?.name ?? path,
    hdu: index ?? 0,
    slice: shownSlice,
    physical: hdu?.physical,
  } as const;
  const tools = useFieldTools(documentOf(path, index), origin, planes, sky);

  return (
    <section className="screen" aria-label="Image">
      <header className="top-bar" data-region="top">
        <h1 className="top-title ellipsis image-name" title={path}>
          {file?.name ?? path.split(/[\\/]/).at(-1)}
        </h1>
        <span className="dim ellipsis">{describeHdu(hdu, shownSlice)}</span>
        <span className="top-gap" />
        <FieldToolbar actions={named} camera={camera} planes={planes} isSingle />
      </header>
      <div className="image-screen">
        <div className="image-and-tools">
          <div
            className="pane-grid panes-1"
            ref={frame}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys, so it takes the focus
            tabIndex={0}
            role="application"
            aria-label="Image; F6 leaves it"
            data-region="images"
          >
            {query.isError ? (
              <div className="image-failure">
                <FailureNote failure={describeFailure(query.error)} onRetry={() => void query.refetch()} />
              </div>
            ) : file?.unpacking ? (
              <Unpacking unpacking={file.unpacking} />
            ) : file !== undefined && hdu === undefined ? (
              <p className="pane-notice">This file has no image: its HDUs are listed beside.</p>
            ) : (
              <FieldPane
                kind="science"
                title={hdu?.extname ?? 'Image'}
                planes={planes}
                candidates={[]}
                markers={[]}
                tools={tools.panes}
                onPick={() => undefined}
              />
            )}
            <GraphicsNotice />
          </div>
          <ToolStrip tools={tools} planes={planes} origin={origin} surface={surface} camera={camera} />
        </div>
        <aside className="image-side" aria-label="What is in the file">
          <HduList
            file={file}
            chosen={index}
            onChoose={(at) => {
              setChosen({ path, hdu: at });
              setSlice(0);
            }}
          />
          {hdu !== undefined && isCube && (
            <label className="image-slice">
              <span className="dim">slice</span>
              <input
                type="range"
                min={0}
                max={hdu.planes - 1}
                value={shownSlice}
                onChange={(event) => setSlice(Number(event.target.value))}
              />
              <span className="mono">
                {shownSlice + 1}/{hdu.planes}
              </span>
            </label>
          )}
          <div className="side-views">
            <Magnifier planes={planes} />
            <Panner planes={planes} sky={sky} paneSurface={surface} />
          </div>
        </aside>
      </div>
      <Readout planes={planes} sky={sky} physical={hdu?.physical} />
    </section>
  );
}

/** What the view calls one image of a file. */
function documentOf(path: string, hdu: number | undefined): string {
  return `image:${path}#${hdu ?? ''}`;
}

function Unpacking({ unpacking }: { readonly unpacking: NonNullable<ImageFile['unpacking']> }) {
  const { doneBytes, totalBytes } = unpacking;
  const percent = Math.round((100 * doneBytes) / Math.max(1, totalBytes));
  return (
    <div className="image-unpacking" role="status">
      <p>
        Unpacking the gzipped file: <span className="mono">{percent} %</span> of{' '}
        <span className="mono">{(totalBytes / 2 ** 20).toFixed(0)} MiB</span>. It is kept, so that the next
        look is quick.
      </p>
      <progress value={doneBytes} max={totalBytes} aria-label="Unpacked" />
    </div>
  );
}

function describeHdu(hdu: ImageHdu | undefined, slice: number): string {
  if (hdu === undefined) return '';
  const parts = [
    `HDU ${hdu.index}`,
    `${hdu.width} × ${hdu.height}`,
    hdu.planes > 1 ? `slice ${slice + 1} of ${hdu.planes}` : undefined,
    `BITPIX ${hdu.bitpix}`,
    hdu.compression,
    hdu.sky && `${hdu.sky.pixelScaleArcsec.toPrecision(3)}″ a pixel`,
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}
