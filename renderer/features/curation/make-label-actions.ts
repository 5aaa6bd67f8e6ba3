import type { Confidence, Taxonomy, Verdict } from '../../../core/api/contract/index.ts';
import type { Action } from '../../ui/keys/dispatcher.ts';
import type { GivenJudgement, LabelQueue } from './label-queue.ts';
import type { LabelSession } from './label-session.ts';
import { changeView, type LabelView } from './label-view.ts';
import { LOOKS } from './looks.ts';

/** What the actions work on. */
export interface ActionParts {
  readonly session: LabelSession;
  readonly queue: LabelQueue;
  readonly view: LabelView;
  readonly taxonomy: Taxonomy | undefined;
  /** What a verdict is given under: whether the score was seen, how the pixels were shown. */
  readonly circumstances: Omit<GivenJudgement, 'verdict' | 'classId' | 'confidence'>;
  /** Whether the score of the candidate on screen is seen. */
  readonly hasScore: boolean;
  reveal(): void;
  peek(isPeeking: boolean): void;
  openComment(): void;
}

/** The actions of the screen, by what they are about. */
export interface LabelActions {
  readonly verdicts: readonly (Action & { readonly verdict: Verdict })[];
  readonly classes: readonly Action[];
  readonly confidences: readonly (Action & { readonly word: Confidence; readonly isChosen: boolean })[];
  readonly flag: Action;
  readonly comment: Action;
  readonly skip: Action;
  readonly undo: Action;
  readonly redo: Action;
  readonly previous: Action;
  readonly next: Action;
  readonly reveal: Action;
  readonly blind: Action;
  readonly look: Action;
  readonly peek: Action;
  readonly grid: Action;
  readonly breaks: Action;
}

/** Make what a person can do to the candidate on screen. */
export function makeLabelActions(parts: ActionParts): LabelActions {
  const { session, queue, view, taxonomy, circumstances, hasScore } = parts;
  const hasCandidate = queue.items[queue.cursor] !== undefined;
  const hasFailed = queue.failure !== undefined;
  const canJudge = hasCandidate && !hasFailed;
  const verdict = (word: Verdict, key: string): Action & { verdict: Verdict } => ({
    id: `label.${word}`,
    title: word,
    verdict: word,
    keys: [key],
    isEnabled: canJudge,
    run: () => session.label({ verdict: word, ...circumstances }),
  });
  const confidence = (word: Confidence, digit: number) => ({
    id: `label.sure-${word}`,
    title: `sure: ${word}`,
    word,
    isChosen: queue.confidence === word,
    keys: [`Shift+${digit}`],
    isEnabled: canJudge,
    run: () => session.setConfidence(word),
  });
  return {
    verdicts: [verdict('real', 'R'), verdict('bogus', 'B'), verdict('unsure', 'U')],
    classes: (taxonomy?.classes ?? []).map(
      (one): Action => ({
        id: `label.class-${one.id}`,
        title: `${one.verdict}: ${one.name}`,
        keys: one.key === undefined ? [] : [one.key],
        isEnabled: canJudge,
        run: () => session.label({ verdict: one.verdict, classId: one.id, ...circumstances }),
      }),
    ),
    confidences: [confidence('low', 1), confidence('mid', 2), confidence('high', 3)],
    flag: {
      id: 'label.flag',
      title: 'Flag for follow-up',
      keys: ['F'],
      isEnabled: canJudge,
      run: () => session.flag(),
    },
    comment: {
      id: 'label.comment',
      title: 'Comment',
      keys: ['C'],
      isEnabled: canJudge,
      run: parts.openComment,
    },
    skip: { id: 'label.skip', title: 'Skip', keys: ['S'], isEnabled: canJudge, run: () => session.skip() },
    undo: {
      id: 'label.undo',
      title: 'Undo',
      keys: ['Backspace', 'Ctrl+Z'],
      repeats: true,
      isEnabled: !hasFailed && (queue.history.length > 0 || queue.saving !== undefined),
      run: () => session.undo(),
    },
    redo: {
      id: 'label.redo',
      title: 'Redo',
      keys: ['Ctrl+Shift+Z'],
      repeats: true,
      isEnabled: !hasFailed && queue.undone.length > 0,
      run: () => session.redo(),
    },
    previous: {
      id: 'label.previous',
      title: 'Back',
      keys: ['ArrowLeft'],
      repeats: true,
      run: () => session.move(-1),
    },
    next: {
      id: 'label.next',
      title: 'Next',
      keys: ['ArrowRight'],
      repeats: true,
      run: () => session.move(1),
    },
    reveal: {
      id: 'label.score',
      title: 'Reveal the score',
      keys: ['T'],
      isEnabled: hasCandidate && !hasScore,
      run: parts.reveal,
    },
    blind: {
      id: 'label.blind',
      title: view.isBlind ? 'Show scores from the start' : 'Hide scores until asked for',
      keys: ['Shift+T'],
      run: () => changeView({ isBlind: !view.isBlind }),
    },
    look: {
      id: 'label.look',
      title: 'Faint, bright, full range',
      keys: ['V'],
      run: () => changeView({ look: (view.look + 1) % LOOKS.length }),
    },
    peek: {
      id: 'label.peek',
      title: 'Peek at the template (hold)',
      keys: ['Space'],
      run: () => parts.peek(true),
      release: () => parts.peek(false),
    },
    grid: {
      id: 'label.grid',
      title: view.isGrid ? 'One at a time' : 'Grid of 24',
      keys: ['G'],
      run: () => changeView({ isGrid: !view.isGrid }),
    },
    breaks: {
      id: 'label.breaks',
      title: view.hasBreaks ? 'No word about breaks' : 'Say when 45 minutes have passed',
      keys: [],
      run: () => changeView({ hasBreaks: !view.hasBreaks }),
    },
  };
}
