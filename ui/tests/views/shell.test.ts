import { flushSync } from 'svelte';
import { page as browser, userEvent } from 'vitest/browser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';
import type { RepositoryCard, RepositoryInfo, RunSummary, Settings, TaskSnapshot } from '$generated/bindings';
import { foundRepository, router, toasts } from '$states';
import { forgetAnswers } from '$states/query.svelte';
import { forgetTasks } from '$states/tasks.svelte';
import App from '../../src/App.svelte';
import { fakeHost, problem, type FakeHost } from '../support/host';

const settings: Settings = {
  theme: 'dark',
  density: 'compact',
  clone_folder: null,
  threads: null,
  notifications: true,
  reduce_motion: false,
};

const info: RepositoryInfo = {
  repo: 'r1',
  name: 'digits',
  path: '/models/digits',
  branch: 'main',
  head: 'a'.repeat(40),
  default_branch: 'main',
  branches: ['main', 'wide-layer'],
  tags: ['digits@v1.0.0'],
  models: [
    { name: 'digits', folder: '', metrics: [], problem: null },
    { name: 'churn', folder: 'churn', metrics: [], problem: null },
  ],
  remotes: [{ name: 'origin', url: 'https://git.example/digits' }],
  identity: null,
  bare: false,
  changed_files: 2,
  remarks: [],
};

const card = (repo: string, name: string): RepositoryCard => ({
  repo,
  name,
  path: `/models/${name}`,
  state: 'ready',
  opened_at: '2026-01-01T00:00:00Z',
  models: [name],
});

const task = (number: number, more: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  task: 't1',
  kind: 'fetch',
  title: 'Fetch origin',
  repo: 'r1',
  state: 'running',
  step: 'Receiving',
  done: 1,
  total: 4,
  unit: 'objects',
  kept: null,
  answer: null,
  problem: null,
  started_at: '2026-01-01T00:00:00Z',
  number,
  ...more,
});

let host: FakeHost;

beforeEach(async () => {
  forgetAnswers();
  forgetTasks();
  await browser.viewport(1280, 800);
  host = fakeHost({
    settings,
    repositories: [card('r1', 'digits'), card('r2', 'prices')],
    repository: info,
    runs: [],
    open_folder: { ...info, repo: 'r9', name: 'found' },
    forget_repository: null,
  });
  router.go('/');
  flushSync();
});

afterEach(() => {
  foundRepository('r1');
  toasts.all.forEach((toast) => toasts.dismiss(toast.id));
  document.documentElement.dataset.theme = 'light';
  delete document.documentElement.dataset.density;
});

describe('the frame', () => {
  test('takes the look from the settings', async () => {
    await render(App);
    await expect.poll(() => document.documentElement.dataset.theme).toBe('dark');
    expect(document.documentElement.dataset.density).toBe('compact');
    expect(host.themes.at(-1)).toBe('dark');
  });

  test('before a repository was opened its views are named, but lead nowhere', async () => {
    const page = await render(App);
    const link = page.getByRole('navigation').getByRole('link', { name: 'Audit' });
    await expect.element(link).toHaveAttribute('aria-disabled', 'true');
    await expect.element(page.getByRole('link', { name: 'Repos' })).toHaveAttribute('aria-current', 'page');
    await expect.poll(() => document.title).toBe('Repos — Keelmark');
  });

  test('names the view and the repository in the title', async () => {
    router.go('/r/r1/audit');
    await render(App);
    await expect.poll(() => document.title).toBe('Audit · digits — Keelmark');
  });

  test('goes on with the repository shown last, as long as it is on the list', async () => {
    router.go('/r/r1/audit');
    const page = await render(App);
    await expect.poll(() => localStorage.getItem('keelmark.repo')).toBe('"r1"');
    router.go('/settings');
    const audit = page.getByRole('navigation').getByRole('link', { name: 'Audit' });
    await expect.element(audit).toHaveAttribute('href', '#/r/r1/audit');
    host.answers.repositories = [];
    host.say({ event: 'fresh', repo: null, tags: ['repositories'] });
    await expect.element(audit).toHaveAttribute('aria-disabled', 'true');
  });

  test('leads back to where a view was left', async () => {
    router.go('/r/r1/compare?a=main&b=wide');
    const page = await render(App);
    const rail = page.getByRole('navigation');
    await rail.getByRole('link', { name: 'Audit' }).click();
    await expect.poll(() => router.route.view).toBe('audit');
    await rail.getByRole('link', { name: 'Settings' }).click();
    await rail.getByRole('link', { name: 'Compare' }).click();
    await expect.poll(() => router.route.query.get('b')).toBe('wide');
  });

  test('offers the models where there are several', async () => {
    router.go('/r/r1/audit');
    const page = await render(App);
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'churn' }).click();
    await expect.poll(() => router.route.query.get('model')).toBe('churn');
    await page.getByRole('navigation').getByRole('link', { name: 'Runs' }).click();
    await expect.poll(() => router.route.query.get('model')).toBe('churn');
  });

  test('lets the keyboard skip to the content', async () => {
    const page = await render(App);
    await userEvent.keyboard('{Tab}');
    await expect.element(page.getByRole('link', { name: 'Skip to the content' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('main')).toHaveFocus();
  });

  test('at 640 px shows all its places in a strip below', async () => {
    await browser.viewport(640, 700);
    router.go('/r/r1/audit');
    const page = await render(App);
    const rail = page.getByRole('navigation').element().getBoundingClientRect();
    expect(rail.top).toBeGreaterThan(500);
    for (const name of ['Repos', 'History', 'Runs', 'Compare', 'Environments', 'Audit', 'Settings']) {
      const link = page.getByRole('navigation').getByRole('link', { name }).element().getBoundingClientRect();
      expect([name, link.right <= 640, link.width >= 24, link.height >= 24]).toEqual([
        name,
        true,
        true,
        true,
      ]);
    }
    expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(640);
  });
});

describe('the keyboard', () => {
  test('goes to the views by g and a letter, and up by Escape', async () => {
    router.go('/r/r1/audit');
    await render(App);
    await expect.poll(() => document.title).toContain('digits');
    await userEvent.keyboard('ge');
    await expect.poll(() => router.route.view).toBe('environments');
    router.go('/r/r1/environments/production');
    flushSync();
    await userEvent.keyboard('{Escape}');
    await expect.poll(() => router.route.rest).toEqual([]);
    expect(router.route.view).toBe('environments');
  });

  test('finds screens, repositories, branches and tags in the palette', async () => {
    router.go('/r/r1/audit');
    const page = await render(App);
    await expect.poll(() => document.title).toContain('digits');
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(page.getByRole('combobox', { name: 'Jump to' })).toHaveFocus();
    await userEvent.keyboard('wide');
    await expect.element(page.getByRole('option').first()).toHaveTextContent('wide-layer');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => router.route.query.get('revision')).toBe('wide-layer');
    expect(router.route.view).toBe('history');
    await userEvent.keyboard('{Control>}k{/Control}');
    await expect.element(page.getByRole('combobox', { name: 'Jump to' })).toHaveFocus();
    await userEvent.keyboard('prices');
    await expect.element(page.getByRole('option').first()).toHaveTextContent('prices');
    await userEvent.keyboard('{Enter}');
    await expect.poll(() => router.route.repo).toBe('r2');
  });

  test('the palette is left by Escape, and its marked entry is read out', async () => {
    const page = await render(App);
    await page.getByRole('button', { name: /Search or jump/ }).click();
    const input = page.getByRole('combobox', { name: 'Jump to' });
    await userEvent.keyboard('{ArrowDown}');
    const id = input.element().getAttribute('aria-activedescendant') ?? '';
    expect(document.getElementById(id)?.getAttribute('aria-selected')).toBe('true');
    await userEvent.keyboard('zzzzqqq');
    await expect.element(page.getByText(/Nothing fits/)).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(input).not.toBeInTheDocument();
  });

  test('is explained by a sheet of all keys', async () => {
    const page = await render(App);
    await userEvent.keyboard('{Shift>}?{/Shift}');
    const sheet = page.getByRole('dialog', { name: 'Keyboard' });
    await expect.element(sheet).toBeVisible();
    await expect.element(sheet.getByText('Go to Settings')).toBeVisible();
  });
});

describe('work under way', () => {
  test('is counted, shown with its progress, and can be stopped', async () => {
    host.answers.stop_task = null;
    const page = await render(App);
    host.say({ event: 'task', task: task(1) });
    await page.getByRole('button', { name: 'Work under way: 1 running' }).click();
    await expect
      .element(page.getByRole('progressbar', { name: 'Fetch origin' }))
      .toHaveAttribute('aria-valuenow', '25');
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(host.asked.at(-1)).toEqual({ name: 'stop_task', args: { task: 't1' } });
    host.say({
      event: 'task',
      task: task(2, { state: 'failed', problem: problem('unreachable', 'No way there.') }),
    });
    await expect.element(page.getByText('No way there.')).toBeVisible();
  });

  test('names the runs of the repository', async () => {
    host.answers.runs = [
      { run: '01JD', model: 'digits', status: 'running', phase: 'training' } as RunSummary,
    ];
    router.go('/r/r1/audit');
    const page = await render(App);
    await page.getByRole('button', { name: 'Work under way: 1 running' }).click();
    await page.getByRole('link', { name: 'Run of digits' }).click();
    await expect.poll(() => router.route.rest).toEqual(['01JD']);
  });
});

describe('what comes from outside', () => {
  test('a folder is opened, an address fills the clone form, two files are compared', async () => {
    await render(App);
    host.say({ event: 'open', target: { folder: '/models/found', url: null, files: [] } });
    await expect.poll(() => router.route.repo).toBe('r9');
    host.say({ event: 'open', target: { folder: null, url: 'https://git.example/x', files: [] } });
    await expect.poll(() => router.route.query.get('clone')).toBe('https://git.example/x');
    host.say({ event: 'open', target: { folder: null, url: null, files: ['/a b.csv', '/c.csv'] } });
    await expect.poll(() => router.route.view).toBe('files');
    expect(router.route.query.get('a')).toBe('/a b.csv');
  });

  test('a folder that cannot be opened is told', async () => {
    host.answers.open_folder = () => Promise.reject(problem('not_a_repository', 'That is no repository.'));
    const page = await render(App);
    host.say({ event: 'open', target: { folder: '/nowhere', url: null, files: [] } });
    await expect
      .element(page.getByRole('region', { name: 'Messages' }).getByText('That is no repository.'))
      .toBeVisible();
  });
});

describe('a repository that is not where it was', () => {
  beforeEach(() => {
    host.answers.repository = ({ repo }) =>
      repo === 'r1' ? Promise.reject(problem('not_a_repository')) : { ...info, repo, name: 'found' };
    router.go('/r/r1/audit');
  });

  test('is found again by the user', async () => {
    const page = await render(App);
    await expect.element(page.getByText('This repository is not where it was')).toBeVisible();
    await expect.element(page.getByText('/models/digits')).toBeVisible();
    host.picked = '/elsewhere/digits';
    await page.getByRole('button', { name: 'Locate…' }).click();
    await expect.poll(() => router.route.repo).toBe('r9');
    expect(host.asked.find((one) => one.name === 'open_folder')?.args).toEqual({ path: '/elsewhere/digits' });
    expect(host.count('forget_repository')).toBe(1);
  });

  test('or forgotten', async () => {
    const page = await render(App);
    await page.getByRole('button', { name: 'Forget' }).click();
    await expect.poll(() => router.route.view).toBe('home');
    await expect
      .element(
        page.getByRole('region', { name: 'Messages' }).getByText('Forgotten. Its files were not touched.'),
      )
      .toBeVisible();
  });
});

test('an address that names nothing says so', async () => {
  router.go('/nowhere/at/all');
  const page = await render(App);
  await expect.element(page.getByText('There is no such page')).toBeVisible();
});

test('a message goes by itself, a problem stays', async () => {
  const page = await render(App);
  toasts.show({
    kind: 'problem',
    text: 'It failed.',
    action: { label: 'Undo', run: () => router.go('/settings') },
  });
  await expect.element(page.getByRole('region', { name: 'Messages' }).getByText('It failed.')).toBeVisible();
  await expect.poll(() => document.getElementById('live-region')?.textContent).toBe('It failed.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => router.route.view).toBe('settings');
  await expect
    .element(page.getByRole('region', { name: 'Messages' }).getByText('It failed.'))
    .not.toBeInTheDocument();
});
