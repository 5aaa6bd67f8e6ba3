import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { ActionButton } from '../../ui/action-button.tsx';
import { formatPixel } from '../../ui/format.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { Menu } from '../../ui/menu.tsx';
import { measureArea } from '../../viewer/index.ts';
import { boundsOf, containsPoint, hasArea } from './contain-point.ts';
import { placeOfRegion, sizeOfRegion } from './describe-region.ts';
import { Facts } from './facts.tsx';
import { formatAngle, formatSky, measureSeparation } from './image-frame.ts';
import type { PanelContext } from './panel-context.ts';
import {
  changeRegion,
  describePixel,
  propertyOfRegion,
  type Region,
  type RegionEntry,
  regionsOf,
  selectedOf,
  setProperty,
} from './region-document.ts';
import { editRegions, selectRegion, useRegionDocument, useRegionStore } from './region-store.ts';
import { DRAWN_SHAPES } from './shape-region.ts';
import { useTools } from './tools-view.ts';
import { describeWaiting, usePixels } from './use-pixels.ts';

const ROW_HEIGHT = 24;

/** The colours that a region file names and this panel offers. */
const COLOURS = ['green', 'red', 'cyan', 'yellow', 'magenta', 'white', 'blue', 'black'] as const;

/** What buttons say where everything around them speaks of regions. */
const SHORT_TITLES: Readonly<Record<string, string>> = {
  'tools.open-regions': 'Open',
  'regions.undo': 'Undo',
  'regions.redo': 'Redo',
  'regions.delete': 'Delete',
};

/** The regions of the field: a list, and what is known of the one that is chosen. */
export function RegionsPanel({
  actions,
  ...context
}: PanelContext & { readonly actions: readonly Action[] }) {
  const document = useRegionDocument();
  const shape = useTools((tools) => tools.shape);
  const isFull = useRegionStore((store) => store.isFull);
  const selected = selectedOf(document);
  const regions = useMemo(() => regionsOf(document), [document]);
  const unplaced = document.entries.filter((entry) => entry.kind === 'kept' && entry.problem !== undefined);
  return (
    <div className="tool-panel regions-panel">
      <div className="tool-fields">
        <Menu
          name="Alt-drag draws"
          value={shape}
          choices={DRAWN_SHAPES.map((kind) => ({ value: kind, label: kind }))}
          isChosen={(kind) => kind === shape}
          onChoose={(kind) => useTools.setState({ shape: kind })}
        />
        <div className="tool-buttons">
          {actions.map((action) => (
            <ActionButton key={action.id} action={action} look="outline">
              {SHORT_TITLES[action.id]}
            </ActionButton>
          ))}
        </div>
        <Unplaced entries={unplaced} />
        {isFull && (
          <p role="alert">
            This window can keep no more regions: these are gone when it is closed. Ctrl+E saves them in a
            file.
          </p>
        )}
      </div>
      <RegionList regions={regions} selectedId={document.selectedId} context={context} />
      {selected === undefined ? (
        <p className="tool-waiting dim">
          {regions.length === 0
            ? 'No regions yet. Alt-drag draws one; a region file brings its own.'
            : 'Choose a region to see what lies in it.'}
        </p>
      ) : (
        <>
          <RegionFields key={selected.id} region={selected} />
          <RegionStatistics region={selected} context={context} />
        </>
      )}
    </div>
  );
}

function Unplaced({ entries }: { readonly entries: readonly RegionEntry[] }) {
  if (entries.length === 0) return null;
  const words = entries.map((entry) => (entry.kind === 'kept' ? `${entry.text}: ${entry.problem}` : ''));
  return (
    <p className="dim" title={words.slice(0, 20).join('\n')}>
      {entries.length} more {entries.length === 1 ? 'line is' : 'lines are'} kept and not drawn
    </p>
  );
}

function RegionList({
  regions,
  selectedId,
  context,
}: {
  readonly regions: readonly Region[];
  readonly selectedId: string | undefined;
  readonly context: PanelContext;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: regions.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const index = regions.findIndex(({ id }) => id === selectedId);
  useEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index]);
  return (
    <div
      className="region-list"
      ref={scroller}
      role="listbox"
      aria-label={`${regions.length} regions`}
      aria-activedescendant={index < 0 ? undefined : `region-${selectedId}`}
      tabIndex={0}
    >
      <div role="presentation" style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((item) => {
          const region = regions[item.index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys reach regions on the image and by the list's focus
            <div
              key={region.id}
              id={`region-${region.id}`}
              className="region-row"
              role="option"
              tabIndex={-1}
              aria-selected={region.id === selectedId}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => selectRegion(region.id)}
            >
              <span className={region.dress.isExcluded ? 'region-excluded' : ''}>{region.geometry.kind}</span>
              <span className="mono ellipsis">{placeOfRegion(region.geometry)}</span>
              <span className="mono ellipsis">{sizeOfRegion(region.geometry, context.frame)}</span>
              <span className="dim ellipsis">{propertyOfRegion(region, 'text') ?? ''}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RegionFields({ region }: { readonly region: Region }) {
  const text = propertyOfRegion(region, 'text') ?? '';
  const colour = propertyOfRegion(region, 'color') ?? 'green';
  const set = (key: string, value: string | undefined): void =>
    editRegions((document) =>
      changeRegion(document, region.id, { dress: setProperty(region.dress, key, value) }),
    );
  return (
    <div className="tool-fields">
      <label className="tool-field tool-field-wide">
        <span className="dim">text</span>
        <input
          className="tool-input mono"
          defaultValue={text}
          onBlur={(event) => {
            const typed = event.target.value.trim();
            if (typed !== text) set('text', typed === '' ? undefined : typed);
          }}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </label>
      <Menu
        name="colour"
        value={colour}
        choices={COLOURS.map((name) => ({ value: name as string, label: name }))}
        isChosen={(name) => name === colour}
        onChoose={(name) => set('color', name)}
      />
      <p className="dim mono ellipsis">
        {region.dress.isExcluded ? 'excluded · ' : ''}
        {region.dress.properties?.some(({ key }) => key === 'background') ? 'background' : 'source'}
      </p>
    </div>
  );
}

function RegionStatistics({ region, context }: { readonly region: Region; readonly context: PanelContext }) {
  const { source, unit, frame } = context;
  const { geometry } = region;
  const notation = useTools((tools) => tools.notation);
  const bounds = hasArea(geometry) ? boundsOf(geometry) : undefined;
  const state = usePixels(source, bounds, geometry);
  const { box, of } = state.kind === 'ready' ? state : {};
  const statistics = useMemo(
    () => box && of && measureArea(box, (x, y) => containsPoint(of, x, y)),
    [box, of],
  );
  const centre =
    'centre' in geometry ? geometry.centre : 'from' in geometry ? geometry.from : geometry.points[0]!;
  const place = frame.sky?.toSky(centre.x, centre.y);
  const scale = frame.pixelScaleArcsec;
  const where: readonly (readonly [string, string])[] = [
    ['x, y', describePixel(centre)],
    ['place', place && scale !== undefined ? formatSky(place, scale, notation) : 'no sky coordinates'],
  ];
  if (!hasArea(geometry)) {
    const ends = 'to' in geometry ? measureSeparation(frame, geometry.from, geometry.to) : undefined;
    return (
      <Facts
        facts={[
          ...where,
          ...(ends === undefined
            ? []
            : ([
                [
                  'length',
                  `${ends.px.toFixed(2)} px${ends.arcsec === undefined ? '' : `  ${formatAngle(ends.arcsec)}`}`,
                ],
                ['PA', ends.positionAngleDeg === undefined ? '–' : `${ends.positionAngleDeg.toFixed(2)}°`],
              ] as const)),
        ]}
      />
    );
  }
  if (statistics === undefined)
    return (
      <p className="tool-waiting dim">{describeWaiting(state, 'The region lies outside this image.')}</p>
    );
  const write = (value: number): string => `${formatPixel(value)} ${unit}`;
  return (
    <Facts
      facts={[
        [
          'n',
          `${statistics.count} px${statistics.missing > 0 ? `, ${statistics.missing} without a value` : ''}`,
        ],
        ['sum', write(statistics.sum)],
        ['mean', write(statistics.mean)],
        ['median', write(statistics.median)],
        ['std', write(statistics.std)],
        ['min', write(statistics.min)],
        ['max', write(statistics.max)],
        ...where,
      ]}
    />
  );
}
