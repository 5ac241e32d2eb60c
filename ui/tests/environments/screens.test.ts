import { describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { Environments as Answer } from '$generated/bindings';
import { EnvironmentPage, Environments } from '$features/environments';
import { router } from '$states';
import answer from '../fixtures/environments.json';
import { history, repository } from '../promote/answers';
import { fakeHost, problem } from '../support/host';

const all = answer as unknown as Answer;
let repos = 0;

function host(environments: Answer | (() => Answer) = all, rest: Parameters<typeof fakeHost>[0] = {}) {
  repos += 1;
  return { repo: `e${repos}`, fake: fakeHost({ repository, history, environments, ...rest }) };
}

const card = (name: string) => page.getByRole('article', { name });

describe('the environments', () => {
  it('are cards in declared order with desired and running as two lines', async () => {
    const { repo } = host();
    render(Environments, { repo, model: null, onrollback: vi.fn(), oncompare: vi.fn() });
    await expect.element(card('Timeline of staging').or(card('staging'))).toBeVisible();
    const names = [...document.querySelectorAll('article h2')].map((heading) => heading.textContent);
    expect(names).toEqual(['staging', 'production']);
    const text = document.querySelector('article')?.textContent ?? '';
    expect(text).toMatch(/Desired.*v1\.1\.0.*Ada Lovelace.*Running.*Unknown: no agent has reported/s);
    expect(text).toMatch(/Sync unknown.*Health unknown/s);
    expect(document.body.textContent).not.toMatch(/\bcurrent\b/i);
    await expect.element(page.getByText('Only what staging desires may follow.')).toBeVisible();
  });

  it('say how to declare one where there is none', async () => {
    const { repo } = host({ ...all, environments: [] });
    render(Environments, { repo, model: null, onrollback: vi.fn(), oncompare: vi.fn() });
    await expect.element(page.getByText('No environment is declared')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Copy lines for model.yaml' })).toBeVisible();
  });

  it('roll back and compare through whoever shows them', async () => {
    const { repo } = host();
    const [onrollback, oncompare] = [vi.fn(), vi.fn()];
    render(Environments, { repo, model: null, onrollback, oncompare });
    await page.getByRole('button', { name: 'Roll back staging…' }).click();
    expect(onrollback).toHaveBeenCalledWith({ environment: 'staging', to: null });
    await page.getByRole('button', { name: 'Compare with…' }).first().click();
    await page.getByRole('menuitem', { name: /the newest version on main/ }).click();
    expect(oncompare).toHaveBeenCalledWith({ a: 'staging', b: 'main' });
    await page.getByRole('button', { name: 'Roll back production…' }).click();
    expect(onrollback).toHaveBeenLastCalledWith({
      environment: 'production',
      to: 'c52257562cdb41f28e560304143bd3914688c4e2',
    });
  });

  it('say that deployments wait, share them, and keep a failure on the page', async () => {
    let task = 0;
    const { repo, fake } = host(
      { ...all, pending: true },
      {
        start_share: () => {
          task += 1;
          if (task === 1) throw problem('unreachable', 'origin is not reachable');
          return 'share-1';
        },
      },
    );
    render(Environments, { repo, model: null, onrollback: vi.fn(), oncompare: vi.fn() });
    await expect.element(page.getByText(/Deployments wait here/)).toBeVisible();
    await page.getByRole('button', { name: 'Share now' }).click();
    await expect.element(page.getByText('origin is not reachable')).toBeVisible();
    await page.getByRole('button', { name: 'Share now' }).click();
    await vi.waitFor(() => expect(fake.count('start_share')).toBe(2));
    await expect.element(page.getByText('origin is not reachable')).not.toBeInTheDocument();
  });

  it('show what cannot be read, and the rest beside it', async () => {
    const [staging, ...others] = all.environments;
    if (!staging) throw new Error('the fixture has environments');
    const { repo } = host({
      ...all,
      problems: [{ what: 'model.yaml on the default branch', why: 'unknown key `gatez`' }],
      environments: [{ ...staging, desired: null, problem: 'deployment.yaml is no YAML' }, ...others],
    });
    render(Environments, { repo, model: null, onrollback: vi.fn(), oncompare: vi.fn() });
    await expect.element(page.getByText(/unknown key `gatez`/)).toBeVisible();
    await expect.element(page.getByText('deployment.yaml is no YAML')).toBeVisible();
  });
});

describe('the page of an environment', () => {
  it('lists every step newest first, with its reason and who did it', async () => {
    const { repo } = host();
    render(EnvironmentPage, {
      repo,
      model: null,
      environment: 'staging',
      onrollback: vi.fn(),
      oncompare: vi.fn(),
    });
    const grid = page.getByRole('grid', { name: 'Timeline: staging' });
    await expect.element(grid).toBeVisible();
    const rows = [...document.querySelectorAll('[role=row][data-index]')].map((row) => row.textContent ?? '');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/By hand.*Hotfix by hand/s);
    expect(rows[2]).toMatch(/Rollback.*v1\.1\.0.*Passed.*Ada Lovelace.*so far/s);
    expect(rows[3]).toMatch(
      /Promotion.*v1\.2\.0.*Needed for the pilot on Monday; the drop is known.*Override/s,
    );
    await page.getByRole('switch', { name: /Commits by hand/ }).click();
    await vi.waitFor(() => expect(document.querySelectorAll('[role=row][data-index]')).toHaveLength(4));
  });

  it('is worked by keys: walk, compare, roll back', async () => {
    const { repo } = host();
    const [onrollback, oncompare] = [vi.fn(), vi.fn()];
    router.go(`/r/${repo}/environments/staging`);
    render(EnvironmentPage, { repo, model: null, environment: 'staging', onrollback, oncompare });
    await page.getByRole('row', { name: /Hotfix by hand/ }).click();
    await userEvent.keyboard('jjj');
    await expect
      .element(page.getByRole('region', { name: 'Entry' }).getByText(/Needed for the pilot/))
      .toBeVisible();
    expect(router.route.query.get('entry')).toBe('3d5c8940d38fd5616b51ebad95ced8f73619572d');
    await userEvent.keyboard('c');
    expect(oncompare).toHaveBeenCalledWith({ a: 'staging', b: '01M86HRBTVJPAYSY3J5S4P6GH4' });
    await userEvent.keyboard('b');
    expect(onrollback).toHaveBeenCalledWith({
      environment: 'staging',
      to: '3d5c8940d38fd5616b51ebad95ced8f73619572d',
    });
    await page.getByRole('button', { name: 'Roll back to v1.2.0…' }).click();
    expect(onrollback).toHaveBeenCalledTimes(2);
  });

  it('renders only what is in sight of a long timeline', async () => {
    const [staging] = all.environments;
    const newest = staging?.history[0];
    if (!staging || !newest?.promoted) throw new Error('the fixture has a timeline');
    const promoted = newest.promoted;
    const long = Array.from({ length: 5_000 }, (_, index) => ({
      ...newest,
      commit: index.toString(16).padStart(40, '0'),
      promoted: { ...promoted, sequence: 5_000 - index },
    }));
    const { repo } = host({ ...all, other: [], environments: [{ ...staging, history: long }] });
    render(EnvironmentPage, {
      repo,
      model: null,
      environment: 'staging',
      onrollback: vi.fn(),
      oncompare: vi.fn(),
    });
    await expect.element(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '5001');
    expect(document.querySelectorAll('[role=row]').length).toBeLessThan(100);
  });

  it('says when nobody knows the environment, and when nothing was promoted', async () => {
    const { repo } = host();
    const shown = render(EnvironmentPage, {
      repo,
      model: null,
      environment: 'moon',
      onrollback: vi.fn(),
      oncompare: vi.fn(),
    });
    await expect.element(page.getByText('No environment moon')).toBeVisible();
    await (await shown).unmount();
    const [staging] = all.environments;
    if (!staging) throw new Error('the fixture has environments');
    const other = host({ ...all, other: [], environments: [{ ...staging, desired: null, history: [] }] });
    render(EnvironmentPage, {
      repo: other.repo,
      model: null,
      environment: 'staging',
      onrollback: vi.fn(),
      oncompare: vi.fn(),
    });
    await expect.element(page.getByText('Nothing was promoted here yet')).toBeVisible();
  });
});
