import type { ImageSource } from './model.ts';

interface Shown {
  readonly owner: object;
  source: ImageSource;
  isDrawn: boolean;
}

/** Remembers which sources each pane shows, and tells those that are shown no more. */
export class ShownSources {
  readonly #panes = new Map<object, Map<string, Shown>>();

  /** Who a pane is to a source; from now on the pane shows it. */
  ownerOf(pane: object, source: ImageSource): object {
    const shown = this.#panes.get(pane) ?? new Map<string, Shown>();
    this.#panes.set(pane, shown);
    const known = shown.get(source.id) ?? { owner: {}, source, isDrawn: true };
    known.source = source;
    known.isDrawn = true;
    shown.set(source.id, known);
    return known.owner;
  }

  /** Say that a pane was drawn: what it did not ask for since the last time it shows no more. */
  endPane(pane: object): void {
    const shown = this.#panes.get(pane);
    if (shown === undefined) return;
    for (const [id, entry] of shown) {
      if (!entry.isDrawn) {
        entry.source.hide?.(entry.owner);
        shown.delete(id);
      }
      entry.isDrawn = false;
    }
  }

  /** Say that a pane is gone. */
  remove(pane: object): void {
    for (const { source, owner } of this.#panes.get(pane)?.values() ?? []) source.hide?.(owner);
    this.#panes.delete(pane);
  }

  /** Panes that show a source. */
  panesOf(sourceId: string): readonly object[] {
    return [...this.#panes].filter(([, shown]) => shown.has(sourceId)).map(([pane]) => pane);
  }
}
