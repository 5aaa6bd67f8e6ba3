import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { describeFailure } from '../../api/client.ts';
import { keys } from '../../api/queries.ts';
import { settingsQuery, useRefusedSetting } from '../../api/settings.ts';
import { ActionButton } from '../../ui/action-button.tsx';
import { FailureNote } from '../../ui/failure-note.tsx';
import type { Action } from '../../ui/keys/dispatcher.ts';
import { useActions } from '../../ui/keys/use-actions.ts';
import { AccessSection } from './access-section.tsx';
import { AppearanceSection } from './appearance-section.tsx';
import { DataSection } from './data-section.tsx';
import { ImagesSection } from './images-section.tsx';
import { type KeymapParts, KeysSection } from './keys-section.tsx';
import { MachineSection } from './machine-section.tsx';
import { MemorySection } from './memory-section.tsx';
import { SampSection } from './samp-section.tsx';
import { TaxonomySection } from './taxonomy-section.tsx';
import './settings.css';

/** Sections in their order. */
export const SECTIONS = [
  { id: 'keys', title: 'Keys' },
  { id: 'appearance', title: 'Appearance' },
  { id: 'images', title: 'Images' },
  { id: 'memory', title: 'Memory' },
  { id: 'taxonomy', title: 'Taxonomy' },
  { id: 'samp', title: 'Other programs' },
  { id: 'access', title: 'Access' },
  { id: 'data', title: 'Data and privacy' },
  { id: 'machine', title: 'This machine' },
] as const;
export type SectionId = (typeof SECTIONS)[number]['id'];

const OTHERS: Readonly<Record<Exclude<SectionId, 'keys'>, ComponentType>> = {
  appearance: AppearanceSection,
  images: ImagesSection,
  memory: MemorySection,
  taxonomy: TaxonomySection,
  samp: SampSection,
  access: AccessSection,
  data: DataSection,
  machine: MachineSection,
};

/** Everything that can be set, kept in the workspace. */
export function SettingsScreen({
  part,
  keymap,
  onPart,
  onQueue,
}: {
  readonly part: string | undefined;
  /** What the window knows of keys. */
  readonly keymap: KeymapParts;
  readonly onPart: (part: SectionId) => void;
  readonly onQueue: () => void;
}) {
  const queries = useQueryClient();
  const settings = useQuery(settingsQuery);
  const refused = useRefusedSetting().failure;
  const isKnown = settings.isSuccess;
  const at = Math.max(
    0,
    SECTIONS.findIndex(({ id }) => id === part),
  );
  const section = SECTIONS[at]!;
  const step = (by: number): void => onPart(SECTIONS[(at + by + SECTIONS.length) % SECTIONS.length]!.id);
  const examine: Action = {
    id: 'settings.examine',
    title: 'Examine this machine again',
    keys: ['R'],
    run: () => {
      onPart('machine');
      void queries.refetchQueries({ queryKey: keys.system });
    },
  };
  const walk: Action[] = [
    { id: 'settings.next', title: 'Next section', keys: ['J', 'ArrowDown'], run: () => step(1) },
    { id: 'settings.previous', title: 'Previous section', keys: ['K', 'ArrowUp'], run: () => step(-1) },
  ];
  const back: Action = { id: 'settings.queue', title: 'Back to the queue', keys: ['Escape'], run: onQueue };
  useActions('Settings', 'screen', [...walk, examine, back]);
  const Section = section.id === 'keys' ? undefined : OTHERS[section.id];
  return (
    <section className="screen" aria-label="Settings">
      <header className="top-bar" data-region="top">
        <h1 className="top-title">Settings</h1>
        <span className="dim">
          {isKnown
            ? 'kept in this workspace; every change is saved at once'
            : settings.isPending
              ? 'waiting for the core'
              : ''}
        </span>
        <span className="top-gap" />
        <ActionButton action={examine} />
      </header>
      <div className="settings">
        <nav className="setting-sections" aria-label="Sections" data-region="list">
          {SECTIONS.map(({ id, title }) => (
            <button
              key={id}
              type="button"
              className="setting-section"
              aria-current={id === section.id ? 'true' : undefined}
              onClick={() => onPart(id)}
            >
              {title}
            </button>
          ))}
        </nav>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys */}
        <section className="setting-body" aria-label={section.title} tabIndex={0}>
          {settings.isPending &&
            Array.from({ length: 7 }, (_, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: they never change
              <div className="setting-row" key={i}>
                <span className="skeleton" style={{ width: `${70 - 6 * i}%` }} />
              </div>
            ))}
          {Section === undefined ? <KeysSection {...keymap} /> : <Section />}
        </section>
      </div>
      {settings.isError ? (
        <FailureNote failure={describeFailure(settings.error)} onRetry={() => void settings.refetch()} />
      ) : (
        refused && (
          <FailureNote
            failure={refused}
            onDismiss={() => useRefusedSetting.setState({ failure: undefined })}
          />
        )
      )}
    </section>
  );
}
