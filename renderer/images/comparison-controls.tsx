import type { PointerEvent } from 'react';
import { useFieldView } from './field-view.ts';
import './comparison.css';

/** How far a key moves a curtain or a fade. */
const STEP = 0.05;

/** What lies over a pane while it is compared: the curtain to be dragged, or the slider of the fade. */
export function ComparisonControls({ partner }: { readonly partner: string }) {
  const comparison = useFieldView((view) => view.comparison);
  if (comparison === 'swipe') return <Curtain partner={partner} />;
  if (comparison === 'fade') return <FadeSlider partner={partner} />;
  return null;
}

function Curtain({ partner }: { readonly partner: string }) {
  const fraction = useFieldView((view) => view.curtainFraction);
  const hang = (to: number): void => useFieldView.setState({ curtainFraction: Math.min(1, Math.max(0, to)) });
  const drag = (event: PointerEvent<HTMLElement>): void => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const pane = event.currentTarget.parentElement!.getBoundingClientRect();
    hang((event.clientX - pane.left) / pane.width);
  };
  return (
    <>
      <div
        className="curtain"
        style={{ left: `${100 * fraction}%` }}
        role="slider"
        tabIndex={0}
        aria-label={`Curtain before ${partner}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * fraction)}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          hang(fraction + by);
        }}
      />
      <span className="curtain-name" style={{ left: `${100 * fraction}%` }}>
        {partner}
      </span>
    </>
  );
}

function FadeSlider({ partner }: { readonly partner: string }) {
  const fraction = useFieldView((view) => view.fadeFraction);
  return (
    <label className="fade-slider">
      <span>{partner}</span>
      <input
        type="range"
        min="0"
        max="100"
        value={Math.round(100 * (fraction ?? 0.5))}
        aria-label={`How much of ${partner} is seen`}
        aria-valuetext={fraction === undefined ? 'comes and goes' : `${Math.round(100 * fraction)} %`}
        onChange={(event) => useFieldView.setState({ fadeFraction: Number(event.target.value) / 100 })}
      />
      <span className="mono">{fraction === undefined ? 'auto' : `${Math.round(100 * fraction)} %`}</span>
    </label>
  );
}
