import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Settings } from '$features/settings';
import type { DataFiles, RepositoryCard, Settings as Choices } from '$generated/bindings';
import { keys, settings, toasts } from '$states';
import { forgetAnswers } from '$states/query.svelte';
import { app, data, repository } from '../runs/answers';
import { fakeHost, problem } from '../support/host';

const choices: Choices = {
  theme: 'system',
  density: 'comfortable',
  clone_folder: null,
  threads: null,
  notifications: true,
  reduce_motion: false,
};

const card: RepositoryCard = {
  repo: repository.repo,
  name: 'digits',
  path: '/srv/ada/digits',
  state: 'ready',
  opened_at: '2026-11-20T10:00:00Z',
  models: ['digits'],
};

async function show(more: Parameters<typeof fakeHost>[0] = {}) {
  const fake = fakeHost({
    app,
    settings: choices,
    save_settings: ({ settings: next }) => next,
    repositories: [card],
    repository,
    data_status: data,
    ...more,
  });
  await settings.load();
  render(Settings);
  return fake;
}

const saved = (fake: Awaited<ReturnType<typeof show>>) =>
  fake.asked
    .filter((one) => one.name === 'save_settings')
    .map((one) => (one.args as { settings: Choices }).settings);
const region = (name: string) => page.getByRole('region', { name, exact: true });

beforeEach(() => {
  forgetAnswers();
  toasts.all.forEach((toast) => toasts.dismiss(toast.id));
});

describe('choices', () => {
  it('are kept at once, and that is said', async () => {
    const fake = await show();
    await page.getByRole('radio', { name: /^Dark/ }).click();
    await vi.waitFor(() => expect(saved(fake).at(-1)?.theme).toBe('dark'));
    await expect.element(region('Appearance').getByText('Saved')).toBeVisible();
    expect(settings.value.theme).toBe('dark');
    await page.getByRole('switch', { name: 'Reduce motion' }).click({ force: true });
    await vi.waitFor(() => expect(saved(fake).at(-1)).toMatchObject({ theme: 'dark', reduce_motion: true }));
    await page.getByRole('switch', { name: 'When long work ends' }).click({ force: true });
    await vi.waitFor(() => expect(saved(fake).at(-1)?.notifications).toBe(false));
  });

  it('that cannot be kept are taken back, and that is said', async () => {
    await show({
      save_settings: () => {
        throw problem('storage', 'config.toml cannot be written');
      },
    });
    await page.getByRole('radio', { name: /^Dark/ }).click();
    await expect.element(region('Appearance').getByText('Not saved')).toBeVisible();
    expect(settings.value.theme).toBe('system');
    expect(toasts.all.at(-1)?.text).toBe('config.toml cannot be written');
  });

  it('of threads are numbers from 1 to 256, or nothing', async () => {
    const fake = await show();
    const box = page.getByRole('spinbutton', { name: 'Threads of a training' });
    await box.fill('0');
    box.element().dispatchEvent(new Event('change', { bubbles: true }));
    await expect.element(page.getByText(/whole number from 1 to 256/)).toBeVisible();
    expect(saved(fake)).toEqual([]);
    await box.fill('2');
    box.element().dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(saved(fake).at(-1)?.threads).toBe(2));
  });

  it('of the folder of clones are taken from the system’s dialog, and back', async () => {
    const fake = await show();
    fake.picked = '/srv/models';
    await region('Folders').getByRole('button', { name: 'Change…' }).click();
    await expect.element(region('Folders').getByText('/srv/models')).toBeVisible();
    await page.getByRole('button', { name: 'Use the usual one' }).click();
    await vi.waitFor(() => expect(saved(fake).map((one) => one.clone_folder)).toEqual(['/srv/models', null]));
  });

  it('that could not be read are told on top', async () => {
    await show({
      app: { ...app, settings_problem: problem('invalid_request', 'config.toml:3 cannot be accepted') },
    });
    await expect.element(page.getByText('config.toml:3 cannot be accepted')).toBeVisible();
  });
});

describe('a repository', () => {
  it('has an identity of its own', async () => {
    const fake = await show({ set_identity: null });
    const name = page.getByRole('textbox', { name: 'Name' });
    await expect.element(name).toHaveValue('Ada Lovelace');
    await expect.element(page.getByRole('button', { name: 'Save' })).toBeDisabled();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect.element(page.getByText('A commit needs an e-mail address.')).toBeVisible();
    expect(fake.count('set_identity')).toBe(0);
    await page.getByRole('textbox', { name: 'E-mail' }).fill('ada@work.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await vi.waitFor(() => expect(fake.count('set_identity')).toBe(1));
    expect(fake.asked.find((one) => one.name === 'set_identity')?.args).toEqual({
      repo: repository.repo,
      name: 'Ada Lovelace',
      email: 'ada@work.example',
    });
  });

  it('has data files, pinned or to be pinned', async () => {
    const files: DataFiles = {
      stages: [],
      tracked: [],
      problems: [],
      files: [
        ...data.files,
        {
          path: 'data/new.csv',
          state: 'not_pinned',
          pinned_sha256: null,
          sha256: 'b'.repeat(64),
          size_bytes: 2048,
          versioned: false,
        },
        {
          path: 'data/old.csv',
          state: 'altered',
          pinned_sha256: 'a'.repeat(64),
          sha256: 'c'.repeat(64),
          size_bytes: 4096,
          versioned: true,
        },
        {
          path: 'data/gone.csv',
          state: 'missing',
          pinned_sha256: 'a'.repeat(64),
          sha256: null,
          size_bytes: null,
          versioned: false,
        },
      ],
    };
    const fake = await show({
      data_status: files,
      pin_data: ({ path }) => ({ ...(files.files[0] as DataFiles['files'][number]), path, state: 'pinned' }),
    });
    const row = (path: string) => page.getByRole('row').filter({ hasText: path });
    await expect.element(row('data/train.csv')).toHaveTextContent(/Pinned/);
    await expect.element(row('data/new.csv')).toHaveTextContent(/Not pinned.*Unversioned.*2 KiB/);
    await expect.element(row('data/gone.csv')).toHaveTextContent(/Missing/);
    await expect.element(row('data/gone.csv').getByRole('button')).not.toBeInTheDocument();
    await expect.element(row('data/old.csv').getByRole('button')).toHaveTextContent('Pin as it is');
    await page.getByRole('button', { name: 'Pin data/new.csv' }).click();
    await vi.waitFor(() => expect(fake.count('pin_data')).toBe(1));
    expect(fake.asked.find((one) => one.name === 'pin_data')?.args).toEqual({
      repo: repository.repo,
      path: 'data/new.csv',
    });
    await vi.waitFor(() => expect(fake.count('data_status')).toBe(2));
  });

  it('has an index that is built again', async () => {
    await show({
      rebuild_index: { runs: 12, deployments: 1, same_answers: true, before: 'a', after: 'a' },
    });
    await page.getByRole('button', { name: 'Rebuild the index' }).click();
    await expect
      .element(
        page.getByText('Built again from 12 runs and 1 deployment. Every answer is what it was before.'),
      )
      .toBeVisible();
  });

  it('is named where none is open', async () => {
    await show({ repositories: [] });
    await expect.element(page.getByText(/No repository is open/)).toBeVisible();
  });
});

describe('what else is told', () => {
  it('is who Git says you are, and how to change it', async () => {
    await show();
    await expect.element(page.getByText('Ada Lovelace <ada@example.org>')).toBeVisible();
  });

  it('is that Git knows nobody', async () => {
    await show({ app: { ...app, identity: null } });
    await expect.element(page.getByText(/Git knows no name/)).toBeVisible();
  });

  it('are the keys that work now', async () => {
    const take = keys.register({
      id: 'x',
      title: 'Do the thing',
      keys: 'g x',
      group: 'Things',
      run: () => undefined,
    });
    await show();
    await expect.element(region('Keyboard')).toHaveTextContent(/Things.*Do the thing.*G.*X/);
    take();
  });

  it('are the version and what it is built with', async () => {
    await show();
    await expect.element(region('About')).toHaveTextContent(/Keelmark 0\.1\.0.*MIT or Apache-2\.0.*gix/s);
  });
});
