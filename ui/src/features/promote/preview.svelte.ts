import { untrack } from 'svelte';
import type { Problem, PromotionAnswer, PromotionArgs, RollbackArgs } from '$generated/bindings';
import { host, toProblem } from '$host';

/** While somebody types a reason, the preview is asked for once they pause. */
const PAUSE_MILLIS = 350;

interface Commands {
  preview_promotion: PromotionArgs;
  preview_rollback: RollbackArgs;
}

const WRITES = { preview_promotion: 'promote', preview_rollback: 'rollback' } as const;

interface Shown<A> {
  args: A;
  answer: PromotionAnswer;
}

export interface Preview {
  /** The newest answer; while a newer one is on its way it is the one before. */
  readonly answer: PromotionAnswer | null;
  readonly asking: boolean;
  readonly problem: Problem | null;
  /** What is on screen is what would be committed, and nothing stands in the way of saying so. */
  readonly ready: boolean;
  readonly writing: boolean;
  /** Why the write did not happen. */
  readonly refused: Problem | null;
  /** What was on screen before the branch moved; until the person has looked again nothing can be committed. */
  readonly before: PromotionAnswer | null;
  readonly moved: Problem | null;
  readonly looked: boolean;
  look(): void;
  ask(): void;
  /** Commits exactly what is shown. The answer, or null where nothing was written. */
  write(): Promise<PromotionAnswer | null>;
}

/** Shows a promotion or rollback before it is one. Null arguments ask nothing and forget what was shown. */
export function preview<N extends keyof Commands>(name: N, wanted: () => Commands[N] | null): Preview {
  type A = Commands[N];
  let shown = $state.raw<Shown<A> | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let refused = $state.raw<Problem | null>(null);
  let moved = $state.raw<Problem | null>(null);
  let before = $state.raw<PromotionAnswer | null>(null);
  let looked = $state(false);
  let asking = $state(false);
  let writing = $state(false);
  let newest = 0;

  const key = $derived(JSON.stringify(wanted()));
  const fresh = $derived(shown !== null && !asking && JSON.stringify(shown.args) === key);
  const committable = $derived(
    fresh &&
      shown !== null &&
      shown.answer.commit !== null &&
      shown.answer.at !== null &&
      !shown.answer.unchanged,
  );

  async function ask(args: A): Promise<void> {
    const mine = (newest += 1);
    asking = true;
    try {
      const answer = await host().call(name, args as never);
      if (mine !== newest) return;
      shown = { args, answer };
      problem = null;
    } catch (thrown) {
      if (mine !== newest) return;
      shown = null;
      problem = toProblem(thrown);
    } finally {
      if (mine === newest) asking = false;
    }
  }

  function forget(): void {
    newest += 1;
    shown = null;
    problem = refused = moved = before = null;
    looked = asking = false;
  }

  $effect(() => {
    const text = key;
    return untrack(() => {
      const args = wanted();
      if (args === null) {
        forget();
        return;
      }
      refused = null;
      if (shown && elsewhere(shown.args, args)) {
        // What was said of another environment is of no use.
        shown = moved = before = null;
        looked = false;
      }
      problem = null;
      asking = true;
      newest += 1;
      const typed = shown !== null && onlyReason(shown.args, args);
      const timer = setTimeout(() => void (text === key && ask(args)), typed ? PAUSE_MILLIS : 0);
      return () => clearTimeout(timer);
    });
  });

  return {
    get answer() {
      return shown?.answer ?? null;
    },
    get asking() {
      return asking;
    },
    get problem() {
      return problem;
    },
    get ready() {
      return committable && !writing && (moved === null || looked);
    },
    get writing() {
      return writing;
    },
    get refused() {
      return refused;
    },
    get before() {
      return before;
    },
    get moved() {
      return moved;
    },
    get looked() {
      return looked;
    },
    look() {
      looked = true;
    },
    ask() {
      const args = wanted();
      refused = null;
      if (args) void ask(args);
    },
    async write() {
      if (!this.ready || shown === null) return null;
      const { args, answer } = shown;
      if (answer.commit === null || answer.at === null) return null;
      writing = true;
      refused = null;
      try {
        const expected = { commit: answer.commit, at: answer.at };
        return await host().call(WRITES[name], { ...args, expected } as never);
      } catch (thrown) {
        const why = toProblem(thrown);
        if (why.code === 'conflict') {
          moved = why;
          before = answer;
          looked = false;
          void ask(args);
        } else {
          refused = why;
        }
        return null;
      } finally {
        writing = false;
      }
    },
  };
}

const without = (args: object, names: string[]): string =>
  JSON.stringify(Object.entries(args).filter(([name]) => !names.includes(name)));

/** Whether nothing but the reason differs. */
function onlyReason(one: object, other: object): boolean {
  return without(one, ['override_reason']) === without(other, ['override_reason']);
}

function elsewhere(one: object, other: object): boolean {
  return without(one, ['override_reason', 'push']) !== without(other, ['override_reason', 'push']);
}
