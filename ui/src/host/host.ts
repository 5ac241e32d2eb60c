import type { CommandMap, DeskEvent, ExportedFile, Problem } from '$generated/bindings';

/** What the window asks of the program around it. Nothing else in the window knows where it runs. */
export interface Host {
  kind: 'tauri' | 'loopback';
  /** Asks the backend; rejects with a `Problem`. */
  call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['answer']>;
  /** Hears events until the returned function is called; a whole snapshot of the tasks comes first. */
  subscribe(hear: (event: DeskEvent) => void): () => void;
  pickFolder(title: string): Promise<string | null>;
  pickFile(title: string, endings: string[]): Promise<string | null>;
  /** Where the file went; null where the user changed their mind. */
  saveFile(file: ExportedFile): Promise<string | null>;
  /** A notification of the system, shown only while the window has no focus. */
  notify(title: string, body: string): void;
  /** The theme of the window's frame; null follows the system. */
  setTheme(theme: 'light' | 'dark' | null): void;
}

export function isProblem(thing: unknown): thing is Problem {
  return typeof thing === 'object' && thing !== null && 'code' in thing && 'summary' in thing;
}

/** Whatever was thrown, as a problem that can be shown. */
export function toProblem(thing: unknown): Problem {
  if (isProblem(thing)) return thing;
  const detail = thing instanceof Error ? thing.message : typeof thing === 'string' ? thing : '';
  return {
    code: 'worker_lost',
    summary: 'The program behind the window did not answer.',
    detail,
    hint: 'Try again. If it goes on, close and reopen Keelmark; nothing recorded is lost.',
    retryable: true,
    location: null,
  };
}
