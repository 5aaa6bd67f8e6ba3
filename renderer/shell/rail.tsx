import {
  BrainCircuit,
  ChartGantt,
  ChartScatter,
  Crosshair,
  Diff,
  type LucideIcon,
  RefreshCw,
  Rows3,
  Settings2,
  Tags,
} from 'lucide-react';
import { nameOfChord } from '../ui/key-cap.tsx';
import { useKeysOf } from '../ui/keys/use-actions.ts';
import type { Screen } from './place.ts';
import type { ScreenAction } from './use-screen-actions.ts';

const ICONS: Record<Screen, LucideIcon> = {
  queue: Rows3,
  field: Crosshair,
  difference: Diff,
  label: Tags,
  catalog: ChartScatter,
  jobs: ChartGantt,
  models: BrainCircuit,
  sync: RefreshCw,
  settings: Settings2,
};

/** The ways to all screens, at the left edge. */
export function Rail({ actions }: { readonly actions: readonly ScreenAction[] }) {
  return (
    <nav className="rail" aria-label="Screens" data-region="rail">
      {actions.map((action) => (
        <RailButton key={action.id} action={action} />
      ))}
    </nav>
  );
}

function RailButton({ action }: { readonly action: ScreenAction }) {
  const Icon = ICONS[action.screen];
  const [chord] = useKeysOf(action);
  return (
    <button
      type="button"
      className="rail-button"
      aria-label={action.title}
      aria-current={action.isCurrent ? 'page' : undefined}
      aria-keyshortcuts={chord}
      title={chord === undefined ? action.title : `${action.title}  ${nameOfChord(chord)}`}
      onPointerDown={(event) => event.preventDefault()}
      onClick={action.run}
    >
      <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
      {/* Drawn by the style sheet: as text it would be part of the button's visible name. */}
      <span className="rail-key" data-key={chord?.at(-1)} aria-hidden="true" />
    </button>
  );
}
