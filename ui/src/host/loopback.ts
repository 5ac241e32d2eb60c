import type { DeskEvent, ExportedFile, Tag } from '$generated/bindings';
import { isProblem, toProblem, type Host } from './host';

declare global {
  interface Window {
    /** Set by a test: what the next file or folder dialog answers. */
    __keelmarkPick?: string | null;
  }
}

const EVERY_TAG: Tag[] = [
  'app',
  'repositories',
  'settings',
  'tasks',
  'repository',
  'history',
  'runs',
  'environments',
  'work_tree',
];

async function call(name: string, args: unknown): Promise<unknown> {
  let answer: Response;
  try {
    answer = await fetch(`/call/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(args),
    });
  } catch (thrown) {
    throw toProblem(thrown);
  }
  const body: unknown = await answer.json().catch(() => null);
  if (answer.ok) return body;
  const problem = typeof body === 'object' && body !== null && 'problem' in body ? body.problem : body;
  throw isProblem(problem) ? problem : toProblem(`${name}: ${answer.status}`);
}

function subscribe(hear: (event: DeskEvent) => void): () => void {
  const events = new EventSource('/events');
  let opened = false;
  events.onopen = () => {
    // What was said while the line was down is not known: ask for everything again.
    if (opened) hear({ event: 'fresh', repo: null, tags: EVERY_TAG });
    opened = true;
  };
  events.onmessage = (message: MessageEvent<string>) => hear(JSON.parse(message.data) as DeskEvent);
  return () => events.close();
}

function download(file: ExportedFile): string {
  const bytes = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes], { type: file.mime }));
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return file.name;
}

const picked = (): Promise<string | null> => Promise.resolve(window.__keelmarkPick ?? null);

/** A browser in front of the loopback server of the tests. */
export const loopback: Host = {
  kind: 'loopback',
  call: (name, args) => call(name, args) as ReturnType<Host['call']> as never,
  subscribe,
  pickFolder: picked,
  pickFile: picked,
  saveFile: (file) => Promise.resolve(download(file)),
  notify: () => undefined,
  setTheme: () => undefined,
};
