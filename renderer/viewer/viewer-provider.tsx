import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { type CanvasStatus, ImageCanvas, isCardTrusted } from './image-canvas.ts';
import type { CanvasColours } from './pane.ts';
import { type PlaneAddress, type PlaneState, PlaneStore } from './plane-store.ts';

interface Viewer {
  /** Absent until the canvas is in the page. */
  readonly canvas: ImageCanvas | undefined;
  readonly planes: PlaneStore;
  readonly colours: CanvasColours;
}

const ViewerContext = createContext<Viewer | undefined>(undefined);

const NOT_YET: CanvasStatus = { state: 'ready', residentBytes: 0, losses: 0 };

/**
 * Lays the one canvas behind everything inside it.
 *
 * Whatever is put in front stays see-through where an `ImagePane` is.
 */
export function ViewerProvider({
  colours,
  tileBytes,
  isAnswering = true,
  children,
}: {
  readonly colours: CanvasColours;
  /** What tiles may take of the graphics card, bytes. */
  readonly tileBytes?: number | undefined;
  /** Whether who has the pixels answers: when that is so again, what could not be read is read again. */
  readonly isAnswering?: boolean;
  readonly children: ReactNode;
}) {
  const element = useRef<HTMLCanvasElement>(null);
  const [canvas, setCanvas] = useState<ImageCanvas>();
  const [planes] = useState(() => new PlaneStore());
  useEffect(() => {
    const made = new ImageCanvas(element.current!);
    setCanvas(made);
    return () => made.close();
  }, []);
  useEffect(() => () => planes.close(), [planes]);
  useEffect(() => {
    if (isAnswering) planes.retryFailed();
  }, [planes, isAnswering]);
  useEffect(
    () => canvas && planes.onPixels((planeId, isReplaced) => canvas.renew(planeId, isReplaced)),
    [canvas, planes],
  );
  useEffect(() => canvas?.setColours(colours), [canvas, colours]);
  useEffect(() => {
    if (tileBytes !== undefined) canvas?.setTileBudget(tileBytes);
  }, [canvas, tileBytes]);
  return (
    <ViewerContext value={{ canvas, planes, colours }}>
      <canvas ref={element} className="viewer-canvas" />
      {children}
    </ViewerContext>
  );
}

/** The viewer that lies behind this part of the page. */
export function useViewer(): Viewer {
  const viewer = use(ViewerContext);
  if (viewer === undefined) throw new Error('useViewer: there is no ViewerProvider around this component');
  return viewer;
}

/** How the canvas is doing; changes when tiles come or go. */
export function useCanvasStatus(): CanvasStatus {
  const { canvas } = useViewer();
  return useSyncExternalStore(
    useCallback((listener: () => void) => canvas?.subscribe(listener) ?? (() => undefined), [canvas]),
    () => canvas?.status ?? NOT_YET,
  );
}

/** Tell whether the graphics card can be relied on; unlike the status it does not change with every tile. */
export function useIsCardTrusted(): boolean {
  const { canvas } = useViewer();
  return useSyncExternalStore(
    useCallback((listener: () => void) => canvas?.subscribe(listener) ?? (() => undefined), [canvas]),
    () => isCardTrusted(canvas?.status ?? NOT_YET),
  );
}

/** Fetch a plane and keep it as long as the component shows it. */
export function usePlane(address: PlaneAddress | undefined): PlaneState | undefined {
  const { planes } = useViewer();
  const { id, url, width, height } = address ?? {};
  useEffect(() => {
    if (id === undefined || url === undefined || width === undefined || height === undefined) return;
    return planes.hold({ id, url, width, height });
  }, [planes, id, url, width, height]);
  return useSyncExternalStore(planes.subscribe, () => (id === undefined ? undefined : planes.stateOf(id)));
}
