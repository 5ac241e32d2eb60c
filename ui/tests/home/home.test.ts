import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Home } from '$features/home';
import type { RepositoryCard, TaskSnapshot } from '$generated/bindings';
import { router, toasts } from '$states';
import { forgetAnswers } from '$states/query.svelte';
import { forgetTasks, hearTask } from '$states/tasks.svelte';
import { app, found, noRepository, repository } from '../runs/answers';
import { fakeHost, problem } from '../support/host';

const card = (name: string, more: Partial<RepositoryCard> = {}): RepositoryCard => ({
  repo: `id-${name}`,
  name,
  path: `/srv/ada/${name}`,
  state: 'ready',
  opened_at: '2026-11-20T10:00:00Z',
  models: ['digits'],
  ...more,
});

const task = (more: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  task: '0001',
  kind: 'clone',
  title: 'Cloning churn',
  repo: null,
  state: 'running',
  step: 'receiving pack',
  done: 0,
  total: null,
  unit: 'bytes',
  kept: null,
  answer: null,
  problem: null,
  started_at: '2026-11-24T10:00:00Z',
  number: 1,
  ...more,
});

function host(more: Parameters<typeof fakeHost>[0] = {}) {
  return fakeHost({ app, repositories: [], look_at_folder: found, open_folder: repository, ...more });
}

function show(more: Record<string, unknown> = {}) {
  const onopen = vi.fn();
  render(Home, { cloneUrl: null, onopen, ...more });
  return onopen;
}

const path = () => page.getByRole('textbox', { name: 'Path of a folder' });
const address = () => page.getByRole('textbox', { name: 'Address' });

beforeEach(() => {
  forgetAnswers();
  forgetTasks();
  toasts.all.forEach((toast) => toasts.dismiss(toast.id));
});

describe('the first start', () => {
  it('says in a sentence what this is and shows three doors', async () => {
    host();
    show();
    await expect.element(page.getByText(/trains, compares and promotes versions/)).toBeVisible();
    const doors = [...document.querySelectorAll('section.door h2')].map((heading) => heading.textContent);
    expect(doors).toEqual(['My folder', 'Clone', 'Sample']);
    await expect.element(page.getByText(/no account, no telemetry/i)).toBeVisible();
  });
});

describe('my folder', () => {
  it('is looked at first, and opened when that is wanted', async () => {
    const fake = host();
    fake.picked = '/srv/ada/digits';
    const onopen = show();
    await page.getByRole('button', { name: 'Choose folder…' }).click();
    await expect.element(page.getByText('Found: 1 model. Nothing will be written.')).toBeVisible();
    expect(fake.count('open_folder')).toBe(0);
    await expect.element(page.getByRole('button', { name: 'Open' })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith(repository.repo));
    expect(fake.asked.find((one) => one.name === 'open_folder')?.args).toEqual({ path: found.path });
  });

  it('that is no repository says so and offers no opening', async () => {
    host({ look_at_folder: noRepository });
    show();
    await path().fill('/etc');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText('`/etc` is not in a Git repository')).toBeVisible();
    await expect.element(page.getByText(/Choose a folder with a Git repository/)).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Open' })).not.toBeInTheDocument();
  });

  it('forgets what it saw when another path is typed', async () => {
    host();
    show();
    await path().fill('/srv/ada/digits');
    await page.getByRole('button', { name: 'Look' }).click();
    await expect.element(page.getByRole('button', { name: 'Open' })).toBeVisible();
    await path().fill('/srv/ada/other');
    await expect.element(page.getByRole('button', { name: 'Open' })).not.toBeInTheDocument();
  });

  it('may be dropped as a file address', async () => {
    const fake = host();
    show();
    await expect.element(path()).toBeVisible();
    const data = new DataTransfer();
    data.setData('text/uri-list', 'file:///srv/ada/my%20model');
    document
      .querySelector('.home')
      ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    await vi.waitFor(() =>
      expect(fake.asked.at(-1)).toEqual({ name: 'look_at_folder', args: { path: '/srv/ada/my model' } }),
    );
  });
});

describe('a clone', () => {
  it('shows where it goes, and goes elsewhere or stays shallow when that is wanted', async () => {
    const fake = host({ start_clone: '0001' });
    show();
    await address().fill('https://host.example/team/churn.git');
    await expect.element(page.getByText('/srv/ada/.keelmark/clones/churn')).toBeVisible();
    fake.picked = '/srv/models';
    await page.getByRole('button', { name: 'Change…' }).click();
    await expect.element(page.getByText('/srv/models/churn')).toBeVisible();
    await page.getByRole('checkbox', { name: 'Only the newest commits' }).click();
    await page.getByRole('spinbutton', { name: 'How many commits' }).fill('0');
    await page.getByRole('button', { name: 'Clone', exact: true }).click();
    expect(fake.count('start_clone')).toBe(0);
    await page.getByRole('spinbutton', { name: 'How many commits' }).fill('20');
    await page.getByRole('button', { name: 'Clone', exact: true }).click();
    await vi.waitFor(() => expect(fake.count('start_clone')).toBe(1));
    expect(fake.asked.at(-1)?.args).toEqual({
      url: 'https://host.example/team/churn.git',
      into: '/srv/models/churn',
      depth: 20,
    });
  });

  it('tells an honest total or none, can be stopped, and opens when it is done', async () => {
    const fake = host({ start_clone: '0001', stop_task: null });
    const onopen = show();
    await address().fill('/srv/git/churn');
    await page.getByRole('button', { name: 'Clone', exact: true }).click();
    hearTask(task());
    const bar = page.getByRole('progressbar', { name: 'Cloning churn' });
    await expect.element(bar).toBeVisible();
    expect(bar.element().getAttribute('aria-valuenow')).toBeNull();
    hearTask(task({ number: 2, done: 512, total: 1024 }));
    await expect.element(bar).toHaveAttribute('aria-valuenow', '50');
    await expect.element(page.getByText('Receiving pack 512 B of 1 KiB')).toBeVisible();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(fake.asked.at(-1)).toEqual({ name: 'stop_task', args: { task: '0001' } });
    hearTask(task({ number: 3, state: 'done', answer: repository }));
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith(repository.repo));
  });

  it('that fails says why in place, and the folder in the way can be looked at', async () => {
    const fake = host({ start_clone: '0001', dismiss_task: null });
    show();
    await address().fill('/srv/git/churn');
    await page.getByRole('button', { name: 'Clone', exact: true }).click();
    await vi.waitFor(() => expect(fake.count('start_clone')).toBe(1));
    hearTask(task({ state: 'failed', problem: problem('destination_exists', 'churn is there already') }));
    await expect.element(page.getByText('churn is there already')).toBeVisible();
    await page.getByRole('button', { name: 'Look at what is there' }).click();
    await vi.waitFor(() =>
      expect(fake.asked.at(-1)).toEqual({
        name: 'look_at_folder',
        args: { path: '/srv/ada/.keelmark/clones/churn' },
      }),
    );
    fake.answers.start_clone = '0002';
    await page.getByRole('button', { name: 'Try again' }).click();
    await vi.waitFor(() => expect(fake.count('start_clone')).toBe(2));
    await expect.element(page.getByText('churn is there already')).not.toBeInTheDocument();
  });

  it('that cannot begin says why', async () => {
    host({
      start_clone: () => {
        throw problem('invalid_request', 'This names no folder');
      },
    });
    show();
    await address().fill('/srv/git/churn');
    await page.getByRole('button', { name: 'Clone', exact: true }).click();
    await expect.element(page.getByText('This names no folder')).toBeVisible();
  });

  it('begins with the address it is given', async () => {
    host();
    show({ cloneUrl: 'https://host.example/churn.git' });
    await expect.element(address()).toHaveValue('https://host.example/churn.git');
    await expect.element(address()).toHaveFocus();
  });
});

describe('the sample', () => {
  it('tells how many versions are trained, is still shown after a reload, and leads to a comparison', async () => {
    host();
    const onopen = show();
    const sample = {
      task: '0002',
      kind: 'sample',
      title: 'Making the sample digits',
      unit: 'versions',
    } as const;
    // Another window, or this one before it was reloaded, began it.
    hearTask(task({ ...sample, step: 'training versions', done: 5, total: 12 }));
    await expect.element(page.getByText('Training versions 5 of 12')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Make the sample' })).not.toBeInTheDocument();
    hearTask(task({ ...sample, number: 2, state: 'done', answer: repository }));
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith(repository.repo));
    const said = toasts.all.at(-1);
    expect(said?.detail).toMatch(/Space.*C to compare/);
    said?.action?.run();
    expect(router.route).toMatchObject({ view: 'compare', repo: repository.repo });
  });

  it('that was stopped says what was kept', async () => {
    host({ dismiss_task: null });
    show();
    hearTask(task({ kind: 'sample', state: 'stopped', kept: '3 of 12 versions have a run.' }));
    await expect.element(page.getByText('3 of 12 versions have a run.')).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.element(page.getByText('3 of 12 versions have a run.')).not.toBeInTheDocument();
  });

  it('cannot be made where the program that trains is missing', async () => {
    host({ app: { ...app, worker: null } });
    show();
    await expect.element(page.getByText('The program that trains is missing.')).toBeVisible();
  });
});

describe('the list of repositories', () => {
  const many = Array.from({ length: 12 }, (_, at) => card(`model-${at}`));

  it('opens one at once and remembers that it was opened', async () => {
    const fake = host({ repositories: [card('digits'), card('churn')] });
    const onopen = show();
    await page.getByRole('link', { name: 'churn' }).click();
    expect(onopen).toHaveBeenCalledWith('id-churn');
    expect(onopen).toHaveBeenCalledTimes(1);
    expect(fake.asked.at(-1)).toEqual({ name: 'open_folder', args: { path: '/srv/ada/churn' } });
  });

  it('is walked by keyboard', async () => {
    host({ repositories: [card('digits'), card('churn')] });
    const onopen = show();
    await expect.element(page.getByRole('link', { name: 'churn' })).toBeVisible();
    document.querySelector<HTMLElement>('[data-key="id-digits"]')?.focus();
    await userEvent.keyboard('j{Enter}');
    expect(onopen).toHaveBeenCalledWith('id-churn');
  });

  it('is filtered where it is long', async () => {
    host({ repositories: many });
    const onopen = show();
    const filter = page.getByRole('searchbox', { name: 'Filter repositories' });
    await filter.fill('model-11');
    await vi.waitFor(() => expect(document.querySelectorAll('[data-key]').length).toBe(1));
    await userEvent.keyboard('{Enter}');
    expect(onopen).toHaveBeenCalledWith('id-model-11');
    await filter.fill('nothing like it');
    await expect.element(page.getByText('No repository fits “nothing like it”')).toBeVisible();
  });

  it('shows one that is gone, and finds or forgets it', async () => {
    const fake = host({ repositories: [card('lost', { state: 'missing' })], forget_repository: null });
    show();
    await expect.element(page.getByText('Not where it was')).toBeVisible();
    fake.picked = '/srv/ada/moved';
    await page.getByRole('button', { name: 'Locate…' }).click();
    await vi.waitFor(() => expect(fake.count('forget_repository')).toBe(1));
    expect(fake.asked.find((one) => one.name === 'open_folder')?.args).toEqual({ path: '/srv/ada/moved' });
    await page.getByRole('button', { name: 'Forget' }).click();
    await vi.waitFor(() => expect(fake.count('forget_repository')).toBe(2));
  });

  it('forgets one with a way back', async () => {
    const fake = host({ repositories: [card('digits')], forget_repository: null });
    show();
    await page.getByRole('button', { name: 'Actions for digits' }).click();
    await page.getByRole('menuitem', { name: /Forget/ }).click();
    await vi.waitFor(() => expect(toasts.all.at(-1)?.action?.label).toBe('Undo'));
    toasts.all.at(-1)?.action?.run();
    await vi.waitFor(() =>
      expect(fake.asked.at(-1)).toEqual({ name: 'open_folder', args: { path: '/srv/ada/digits' } }),
    );
  });

  it('says why it cannot be shown, and asks again', async () => {
    const fake = host({
      repositories: () => {
        throw problem('storage', 'The list cannot be read');
      },
    });
    show();
    await expect.element(page.getByText('The list cannot be read')).toBeVisible();
    fake.answers.repositories = [card('digits')];
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.element(page.getByRole('link', { name: 'digits' })).toBeVisible();
  });
});
