import type { CommandMap, DeskEvent, Problem } from '$generated/bindings';
import { useHost, type Host } from '$host';

type Answers = {
  [K in keyof CommandMap]?:
    | CommandMap[K]['answer']
    | ((args: CommandMap[K]['args']) => CommandMap[K]['answer'] | Promise<CommandMap[K]['answer']>);
};

export interface FakeHost extends Host {
  /** Every question asked, in order. */
  asked: { name: keyof CommandMap; args: unknown }[];
  count(name: keyof CommandMap): number;
  say(event: DeskEvent): void;
  answers: Answers;
  picked: string | null;
  themes: ('light' | 'dark' | null)[];
}

export function problem(code: Problem['code'], summary = `It is ${code}.`): Problem {
  return { code, summary, detail: '', hint: '', retryable: false };
}

/** A backend of a few answers; what it was not told it refuses. */
export function fakeHost(answers: Answers = {}): FakeHost {
  const listeners = new Set<(event: DeskEvent) => void>();
  const fake: FakeHost = {
    kind: 'loopback',
    asked: [],
    answers,
    picked: null,
    themes: [],
    count: (name) => fake.asked.filter((one) => one.name === name).length,
    say: (event) => listeners.forEach((hear) => hear(event)),
    async call(name, args) {
      fake.asked.push({ name, args });
      // What it is when asked counts, not what it is by the time it answers.
      const answer = fake.answers[name] as unknown;
      await Promise.resolve();
      if (answer === undefined) throw problem('unsupported', `No answer for ${name}.`);
      return (
        typeof answer === 'function' ? await (answer as (args: unknown) => unknown)(args) : answer
      ) as never;
    },
    subscribe(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    pickFolder: () => Promise.resolve(fake.picked),
    pickFile: () => Promise.resolve(fake.picked),
    saveFile: (file) => Promise.resolve(file.name),
    notify: () => undefined,
    setTheme: (theme) => fake.themes.push(theme),
  };
  useHost(fake);
  return fake;
}

/** Something that is answered when the test says so. */
export function later<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (thrown: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (thrown: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
