import type { Problem, Remedy } from '$generated/bindings';
import { announce } from './announce';

export interface Toast {
  kind: 'ok' | 'info' | 'problem';
  text: string;
  detail?: string;
  action?: { label: string; run: () => void };
  /** What to do about a problem. */
  remedy?: Remedy | null;
  /** Where it can be looked at. */
  link?: { label: string; path: string };
}

export interface ShownToast extends Toast {
  id: number;
}

const MOST = 4;
let shown = $state.raw<ShownToast[]>([]);
let last = 0;

/** Short words about what just happened. What is in the way of the user's work belongs on the page instead. */
export const toasts = {
  get all(): ShownToast[] {
    return shown;
  },
  show(toast: Toast): number {
    last += 1;
    shown = [...shown, { ...toast, id: last }].slice(-MOST);
    announce(toast.detail ? `${toast.text} ${toast.detail}` : toast.text);
    return last;
  },
  problem(problem: Problem): number {
    // Where there is a remedy, whoever shows the toast has words and a way for it.
    const { remedy = null } = problem;
    const detail = [problem.detail, remedy ? '' : problem.hint].filter(Boolean).join(' ');
    return this.show({ kind: 'problem', text: problem.summary, remedy, ...(detail ? { detail } : {}) });
  },
  dismiss(id: number): void {
    shown = shown.filter((toast) => toast.id !== id);
  },
};
