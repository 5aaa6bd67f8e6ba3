import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { QueueItem } from '../../../core/api/contract/index.ts';
import { lightCurveAt } from '../../api/labelling.ts';
import { formatFixed } from '../../ui/format.ts';
import { drawLightCurve } from './draw-light-curve.ts';
import { useDwell } from './use-dwell.ts';
import './light-curve.css';

/** Time a candidate stays before its light curve is measured: keys pressed quickly measure nothing, ms. */
const DWELL_MS = 600;

/** Forced flux at the candidate's place in every run, detected or not. */
export function LightCurve({ item, selected }: { readonly item: QueueItem; readonly selected: string }) {
  const { raDeg, decDeg, candidateId } = item;
  const isSettled = useDwell(candidateId, DWELL_MS);
  const hasPlace = raDeg !== undefined && decDeg !== undefined;
  const query = useQuery({ ...lightCurveAt(raDeg ?? 0, decDeg ?? 0), enabled: hasPlace && isSettled });
  const [size, setSize] = useState({ width: 0, height: 0 });
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  const drawing = useMemo(
    () =>
      query.data === undefined || size.width < 120
        ? undefined
        : drawLightCurve(query.data, size.width, size.height),
    [query.data, size],
  );
  const note = !hasPlace
    ? 'No light curve without coordinates.'
    : query.isError
      ? 'The light curve could not be measured.'
      : query.data === undefined
        ? 'measuring'
        : 'No run with a time covers this place.';
  return (
    <section className="light-curve" aria-label="Light curve" ref={element}>
      {drawing === undefined ? (
        <p className="dim">{note}</p>
      ) : (
        <svg
          width={size.width}
          height={size.height}
          role="img"
          aria-label={describeCurve(drawing.points.length)}
        >
          <line className="curve-zero" x1={58} x2={size.width - 12} y1={drawing.zeroY} y2={drawing.zeroY} />
          {drawing.fluxTicks.map(({ y, text }) => (
            <text key={text} className="curve-tick" x={52} y={y + 4} textAnchor="end">
              {text}
            </text>
          ))}
          {drawing.timeTicks.map(({ x, text }) => (
            <text key={text} className="curve-tick" x={x} y={size.height - 6} textAnchor="middle">
              {text}
            </text>
          ))}
          <text className="curve-tick" x={62} y={12}>
            {drawing.unit} against MJD
          </text>
          {drawing.points.map((point) => (
            <g
              key={point.runId}
              className={point.runId === selected ? 'curve-point curve-selected' : 'curve-point'}
            >
              <title>
                {`MJD ${formatFixed(point.mjd, 4)} ${point.band ?? ''}: ${formatFixed(point.flux, 0)} ± ${formatFixed(point.fluxErr, 0)} ${drawing.unit}`}
              </title>
              <line x1={point.x} x2={point.x} y1={point.top} y2={point.bottom} />
              <circle cx={point.x} cy={point.y} r={point.runId === selected ? 4.5 : 3} />
            </g>
          ))}
        </svg>
      )}
    </section>
  );
}

function describeCurve(points: number): string {
  return `Change of flux against time, ${points} ${points === 1 ? 'point' : 'points'}`;
}
