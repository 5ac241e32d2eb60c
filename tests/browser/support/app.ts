// The app in a page: where a test goes and what it does there, counted as a person would count.

import { expect, type Locator, type Page } from '@playwright/test';
import type { Server } from './server';

export type View = 'history' | 'runs' | 'compare' | 'environments' | 'audit';

export class App {
  /** Clicks, key presses and texts given so far: what "within six actions" counts. */
  actions = 0;

  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {}

  /** Opens the app at a view, as a start of the window does. */
  async open(hash = '#/'): Promise<void> {
    await this.page.goto(this.server.url(hash));
    await this.ready();
  }

  /** Goes to another view of the page that is open already. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate((to) => (location.hash = to), hash);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Nothing loads any more: no skeleton, nothing marked busy. */
  async ready(): Promise<void> {
    const main = this.page.getByRole('main');
    const begun = main.getByRole('heading', { level: 1 }).or(main.getByRole('alert')).first();
    await expect(begun).toBeVisible();
    await expect(this.page.locator('main[aria-busy="true"], main [aria-busy="true"]')).toHaveCount(0, {
      timeout: 60_000,
    });
  }

  /** Lets the backend know a repository; gives its id. */
  async remember(folder: string): Promise<string> {
    return (await this.server.call('open_folder', { path: folder })).repo;
  }

  /** Opens a view of a repository. */
  async repository(folder: string, view: View = 'history', query = ''): Promise<string> {
    const repo = await this.remember(folder);
    await this.open(`#/r/${repo}/${view}${query}`);
    return repo;
  }

  async click(target: Locator): Promise<void> {
    this.actions += 1;
    await target.click();
  }

  async press(keys: string): Promise<void> {
    this.actions += 1;
    await this.page.keyboard.press(keys);
  }

  async fill(target: Locator, text: string): Promise<void> {
    this.actions += 1;
    await target.fill(text);
  }

  /** What the next folder or file dialog answers. */
  async pick(path: string | null): Promise<void> {
    await this.page.evaluate((answer) => {
      (window as { __keelmarkPick?: string | null }).__keelmarkPick = answer;
    }, path);
  }

  /** The words of the address behind `#`. */
  hash(): string {
    return new URL(this.page.url()).hash;
  }

  /** A dialog or sheet that is open. */
  dialog(name?: string | RegExp): Locator {
    return this.page.getByRole('dialog', name === undefined ? {} : { name });
  }
}
