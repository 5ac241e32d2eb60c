// What no page may do, in any test: throw, complain, ask with a system dialog, run foreign script, reach elsewhere.

import type { BrowserContext, ConsoleMessage, Page } from '@playwright/test';

/** A refused call is an answer like any other; Chromium reports its status on the console all the same. */
function isRefusedCall(message: ConsoleMessage): boolean {
  return message.text().includes('422') && message.location().url.includes('/call/');
}

/** The server is ended by some tests; what is lost then is told to the user by the page itself. */
function isLostLine(message: ConsoleMessage): boolean {
  return /ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/.test(
    message.text(),
  );
}

export class Guard {
  private readonly seen: string[] = [];
  /** Set by tests that end the server under the page. */
  allowLostLine = false;

  /** `origin` is where the app is; a test that starts another server says so. */
  constructor(public origin: string) {}

  async watch(context: BrowserContext): Promise<void> {
    await context.route(
      (url) => url.origin !== this.origin && !['data:', 'blob:', 'about:'].includes(url.protocol),
      (route) => {
        this.seen.push(`a request to elsewhere: ${route.request().url()}`);
        return route.abort();
      },
    );
    // Hostile text that becomes script would call this.
    await context.exposeBinding('__hostile', (_source, what: unknown) => {
      this.seen.push(`foreign script ran: ${String(what)}`);
    });
    context.on('page', (page) => this.watchPage(page));
  }

  private watchPage(page: Page): void {
    page.on('pageerror', (error) =>
      this.seen.push(`an error nobody caught: ${error.stack ?? error.message}`),
    );
    page.on('dialog', (dialog) => {
      this.seen.push(`a ${dialog.type()} dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (message.type() !== 'error' || isRefusedCall(message)) return;
      if (this.allowLostLine && isLostLine(message)) return;
      this.seen.push(`an error on the console: ${message.text()} (${message.location().url})`);
    });
  }

  /** What was seen that must not be. */
  complaints(): string[] {
    return [...new Set(this.seen)];
  }
}
