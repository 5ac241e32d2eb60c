// A client of WebKitWebDriver: the W3C protocol, as much of it as the flows need.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { lives, tree } from './processes.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const DRIVER = process.env.KEELMARK_WEBDRIVER ?? 'WebKitWebDriver';

export const pause = (millis) => new Promise((done) => setTimeout(done, millis));

/** Asks until the answer is one; an error in between is only the last word of a failure. */
export async function until(what, ask, { timeout = 20_000, every = 50 } = {}) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for ${what}`, { cause: last });
    await pause(every);
  }
}

function freePort() {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

/** A window under control. */
export class Session {
  #base;
  #driver;
  #lines = [];
  #closed;

  /** Starts the program with these arguments and in this environment. */
  static async start({ program, args = [], env }) {
    const session = new Session();
    const port = await freePort();
    session.#driver = spawn(DRIVER, [`--port=${port}`], {
      env: { ...env, TAURI_AUTOMATION: 'true', TAURI_WEBVIEW_AUTOMATION: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [session.#driver.stdout, session.#driver.stderr]) {
      stream
        .setEncoding('utf8')
        .on('data', (text) => session.#lines.push(...text.split('\n').filter(Boolean)));
    }
    const failed = new Promise((_, fail) => session.#driver.once('error', fail));
    session.#base = `http://127.0.0.1:${port}`;
    await Promise.race([failed, until('the driver', () => session.#ask('GET', '/status'))]);
    const capabilities = {
      alwaysMatch: { 'webkitgtk:browserOptions': { binary: program, args }, timeouts: { script: 60_000 } },
    };
    try {
      const { sessionId } = await session.#ask('POST', '/session', { capabilities });
      session.#base += `/session/${sessionId}`;
    } catch (error) {
      session.#driver.kill();
      throw new Error(`the window did not open: ${session.#lines.slice(-5).join(' | ')}`, { cause: error });
    }
    return session;
  }

  /** What the program and the page wrote to the console. */
  get lines() {
    return this.#lines;
  }

  /** The program's process: the driver's only child. */
  get program() {
    return tree(this.#driver.pid)[1];
  }

  async #ask(method, path, body) {
    const answer = await fetch(this.#base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value?.error ?? answer.status}: ${value?.message ?? ''}`.trim());
    return value;
  }

  title = () => this.#ask('GET', '/title');
  url = () => this.#ask('GET', '/url');
  screenshot = async () => Buffer.from(await this.#ask('GET', '/screenshot'), 'base64');
  windows = () => this.#ask('GET', '/window/handles');
  switchTo = (handle) => this.#ask('POST', '/window', { handle });
  resize = (width, height) => this.#ask('POST', '/window/rect', { width, height });

  /** Runs a function in the page with arguments that JSON can carry; a promise is waited for. */
  async run(work, ...args) {
    const script = `
      const done = arguments[arguments.length - 1];
      Promise.resolve()
        .then(() => (${work})(...Array.from(arguments).slice(0, -1)))
        .then((answer) => done({ answer }), (error) => done({ error: String(error?.message ?? JSON.stringify(error)) }));`;
    const { answer, error } = await this.#ask('POST', '/execute/async', { script, args });
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return answer;
  }

  /** The first visible element that `find` in the page gives for the arguments. */
  async #element(what, find, ...args) {
    const script = `
      const found = (${find})(...arguments);
      return found && found.checkVisibility() ? found : null;`;
    const found = await until(what, () => this.#ask('POST', '/execute/sync', { script, args }));
    return found[ELEMENT];
  }

  /** Presses the button, link, tab, option or row with this name, once it is there and holds still. */
  async press(name, { role } = {}) {
    await until(`“${name}” to be pressed`, async () => {
      const element = await this.#element(`“${name}”`, named, name, role ?? null);
      await this.#ask('POST', `/element/${element}/click`, {});
      return true;
    });
  }

  /** Writes into the field with this label. */
  async write(label, text) {
    const element = await this.#element(`the field “${label}”`, named, label, 'field');
    await this.#ask('POST', `/element/${element}/clear`, {});
    await this.#ask('POST', `/element/${element}/value`, { text });
  }

  /** Presses keys one after another, e.g. `keys('g', 'h')`; `Control+k` holds the first. */
  async keys(...strokes) {
    const special = {
      Control: '\uE009',
      Shift: '\uE008',
      Escape: '\uE00C',
      Enter: '\uE007',
      Tab: '\uE004',
      Space: ' ',
    };
    const actions = strokes.flatMap((stroke) => {
      const held = stroke.split('+').map((key) => special[key] ?? key);
      const down = held.map((value) => ({ type: 'keyDown', value }));
      return [...down, ...held.reverse().map((value) => ({ type: 'keyUp', value }))];
    });
    await this.#ask('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** Waits until the page shows this text. */
  async sees(text, options) {
    await until(`“${text}”`, () => this.run((text) => document.body.innerText.includes(text), text), options);
  }

  /** Everything the page shows. */
  text = () => this.run(() => document.body.innerText);

  /** Closes the window and waits for the program's end. */
  close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close() {
    const program = this.program;
    // As its user would: the driver's own way is to kill it.
    for (const handle of await this.windows().catch(() => [])) {
      await this.switchTo(handle).catch(() => undefined);
      await this.#ask('DELETE', '/window').catch(() => undefined);
    }
    try {
      await until('the program to end', () => !lives(program), { timeout: 10_000 });
    } finally {
      const ended = new Promise((done) => this.#driver.once('exit', done));
      this.#driver.kill();
      await ended;
    }
  }
}

/** Runs in the page: what a person would call the thing with that name. */
function named(name, role) {
  const kinds = {
    field: 'input, textarea, [role=combobox], [role=textbox], [role=searchbox]',
    row: '[role=row], tr',
    tab: '[role=tab]',
    button: 'button, [role=button]',
    link: 'a[href]',
    any: 'button, a[href], [role=button], [role=tab], [role=option], [role=menuitem], [role=row], [role=switch], [role=checkbox], summary, label',
  };
  const tidy = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
  const nameOf = (element) => {
    const label = element.getAttribute('aria-label');
    if (label) return tidy(label);
    const by = element.getAttribute('aria-labelledby');
    if (by)
      return tidy(
        by
          .split(' ')
          .map((id) => document.getElementById(id)?.textContent)
          .join(' '),
      );
    if (element.labels?.length) return tidy(element.labels[0].textContent);
    return tidy(element.placeholder || element.innerText);
  };
  const dialogs = [...document.querySelectorAll('[role=dialog], [role=alertdialog]')].filter((dialog) =>
    dialog.checkVisibility(),
  );
  const within = dialogs.at(-1) ?? document;
  const usable = (element) =>
    element.checkVisibility() && !element.disabled && element.ariaDisabled !== 'true';
  const all = [...within.querySelectorAll(kinds[role ?? 'any'])].filter(usable);
  return (
    all.find((element) => nameOf(element) === name) ??
    all.find((element) => nameOf(element).startsWith(name)) ??
    null
  );
}
