import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { ChartAnswer, EnvironmentState, RunDetail } from '$generated/bindings';
import { RunPage } from '$features/runs';
import { router } from '$states';
import { hearSamples } from '$states/live.svelte';
import { forgetAnswers, freshen } from '$states/query.svelte';
import curves from '../fixtures/chart-curves.json';
import { fakeHost, problem } from '../support/host';
import {
  app,
  detail,
  environments,
  failed,
  form,
  history,
  live,
  log,
  metrics,
  recorded,
  repository,
  running,
  runs,
  samples,
} from './answers';

const repo = 'r1';
const chart = curves as unknown as ChartAnswer;

function host(more: Parameters<typeof fakeHost>[0] = {}) {
  return fakeHost({
    app,
    runs: [running, ...runs],
    repository,
    metrics,
    history,
    environments,
    chart,
    training_form: form,
    run: ({ run }) => (run === failed.run ? failed : detail),
    run_log: log,
    live_run: ({ run }) =>
      run === running.run ? live(repo) : recorded(repo, run === failed.run ? failed : detail),
    ...more,
  });
}

function show(run: string, more: Record<string, unknown> = {}) {
  render(RunPage, { repo, model: null, run, ...more });
}

const desired = (environment: string, of: RunDetail = detail): EnvironmentState =>
  ({
    environment,
    model: 'digits',
    declared: true,
    auto_promote: false,
    after: null,
    requires: [],
    desired: {
      deployment: { release: '1.2.0', version: of.version, run: { id: of.run, commit: of.commit } },
      commit: of.commit,
    },
    running: null,
    sync: 'Unknown',
    health: 'Unknown',
    problem: null,
    history: [],
  }) as unknown as EnvironmentState;

beforeEach(() => {
  forgetAnswers();
  router.go('/r/r1/runs/x');
});

describe('the page of a run that goes on', () => {
  it('tells how far it is, what it set out to do, and what it says', async () => {
    host({ run_log: 'preparing\nepoch 1 step 36\n' });
    show(running.run);
    await expect.element(page.getByText('2–3 min left')).toBeVisible();
    await expect.element(page.getByText(/Training · Epoch 5 of 20 · 121 steps\/s/)).toBeVisible();
    await expect
      .element(page.getByRole('region', { name: 'Plan' }))
      .toHaveTextContent(/Steps\s*720.*Parameters\s*33,802/s);
    await expect.element(page.getByRole('log')).toHaveTextContent(/preparing.*epoch 1 step 36/s);
    await expect.element(page.getByRole('button', { name: 'Stop', exact: true })).toBeVisible();
    await expect.element(page.getByRole('button', { name: /Promote/ })).not.toBeInTheDocument();
  });

  it('asks for its curves again as they grow, not at every batch', async () => {
    const fake = host();
    show(running.run);
    await vi.waitFor(() => expect(fake.count('chart')).toBeGreaterThanOrEqual(3));
    const query = (
      fake.asked.find((one) => one.name === 'chart')?.args as { query: { runs: string[]; metrics: string[] } }
    ).query;
    expect(query).toMatchObject({ runs: [running.run], metrics: ['train/loss', 'validation/loss'] });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const before = fake.count('chart');
    for (let at = 0; at < 8; at += 1)
      hearSamples(samples(repo, 4 + at, { points: [live(repo).points[0] as never] }));
    await new Promise((resolve) => setTimeout(resolve, 900));
    const asked = fake.count('chart') - before;
    expect(asked, 'three charts, once or twice each').toBeGreaterThanOrEqual(3);
    expect(asked).toBeLessThanOrEqual(6);
  });

  it('asks for the log again as it grows', async () => {
    const fake = host({ run_log: 'preparing\n' });
    show(running.run);
    await expect.element(page.getByRole('log')).toHaveTextContent('preparing');
    fake.answers.run_log = 'preparing\ntraining\n';
    hearSamples(samples(repo, 4));
    await expect.element(page.getByRole('log')).toHaveTextContent(/training/);
  });

  it('becomes the page of its record when it ends', async () => {
    const fake = host();
    show(running.run);
    await expect.element(page.getByText('2–3 min left')).toBeVisible();
    const ended = { ...detail, run: running.run };
    fake.answers.run = ended;
    fake.answers.runs = [{ ...running, status: 'succeeded' }, ...runs];
    hearSamples(samples(repo, 4, { ended: 'succeeded' }));
    freshen(repo, ['runs']);
    await expect
      .element(page.getByRole('region', { name: 'Metrics' }))
      .toHaveTextContent(/Accuracy\s*97.8 %\s*96.0…98.8 %/);
    await expect.element(page.getByText('2–3 min left')).not.toBeInTheDocument();
    await expect.element(page.getByRole('region', { name: 'Plan' })).not.toBeInTheDocument();
  });
});

describe('the page of a run that succeeded', () => {
  it('tells its metrics in the model’s order, its classes worst first, its confusion and its record', async () => {
    host();
    show(detail.run);
    const told = page.getByRole('region', { name: 'Metrics' });
    await expect.element(told).toHaveTextContent(/450 test examples · repeated/);
    const names = [...told.element().querySelectorAll('tbody th')].map((cell) => cell.textContent);
    expect(names.slice(0, 3)).toEqual(['Accuracy', 'F1, macro', 'ROC AUC, one-vs-rest']);
    const classes = [
      ...page.getByRole('region', { name: 'By class' }).element().querySelectorAll('tbody th'),
    ];
    expect(classes.map((cell) => cell.textContent)[0]).toBe('9');
    await expect.element(page.getByTitle('3 of 5 predicted as 9')).toBeInTheDocument();
    const record = page.getByRole('region', { name: 'Record' });
    await expect.element(record).toHaveTextContent(/Seed\s*7/);
    await expect.element(record).toHaveTextContent(/Kernel set\s*avx2\+fma/);
    await expect.element(record).toHaveTextContent(/data\/train\.csv\s*200 KiB/);
  });

  it('promotes and compares through whoever shows it', async () => {
    host({
      environments: { ...environments, environments: [desired('staging'), desired('production', failed)] },
    });
    const [onpromote, oncompare] = [vi.fn(), vi.fn()];
    show(detail.run, { onpromote, oncompare });
    await page.getByRole('button', { name: 'Promote…' }).click();
    expect(onpromote).toHaveBeenCalledWith({ revision: detail.version, run: detail.run });
    await page.getByRole('button', { name: 'Compare with production' }).click();
    expect(oncompare).toHaveBeenCalledWith('production', detail.run);
    await page.getByRole('button', { name: 'Compare with…' }).click();
    await expect
      .element(page.getByRole('menuitem', { name: /staging/ }))
      .toHaveAttribute('aria-disabled', 'true');
    await page.getByRole('menuitem', { name: /The version before/ }).click();
    expect(oncompare).toHaveBeenLastCalledWith(`${detail.version}~1`, detail.run);
  });

  it('is not promoted where it ran on uncommitted changes, and says why', async () => {
    host({ run: { ...detail, dirty: true } });
    show(detail.run, { onpromote: vi.fn() });
    const button = page.getByRole('button', { name: 'Promote…' });
    await expect.element(button).toBeDisabled();
    expect(button.element().getAttribute('title')).toMatch(/uncommitted/);
  });

  it('is trained again with what it was asked', async () => {
    const fake = host({
      start_training: { runs: ['01NEW'] },
      run: { ...detail, seed: 9, overrides: { 'train.epochs': '3' } },
    });
    const onopen = vi.fn();
    show(detail.run, { onopen });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: /Train again/ }).click();
    await expect
      .element(page.getByRole('group', { name: 'epochs', exact: true }).getByRole('textbox'))
      .toHaveValue('3');
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith('01NEW'));
    expect(fake.asked.find((one) => one.name === 'start_training')?.args).toMatchObject({
      revision: detail.version,
      seed: 9,
      overrides: { 'train.epochs': '3' },
    });
  });

  it('follows a log only while it grows, and copies it', async () => {
    host();
    show(detail.run);
    await expect.element(page.getByRole('log')).toHaveTextContent(/recording/);
    await expect.element(page.getByRole('checkbox', { name: 'Follow' })).not.toBeInTheDocument();
    const area = page.getByRole('log').element();
    await vi.waitFor(() => expect(area.scrollHeight - area.clientHeight - area.scrollTop).toBeLessThan(4));
  });
});

describe('the page of a run that did not succeed', () => {
  it('says why in plain words, and what can be done', async () => {
    host();
    show(failed.run, { onpromote: vi.fn() });
    await expect.element(page.getByText('This run failed')).toBeVisible();
    await expect
      .element(page.getByText(/^The worker ended without a word.*machine went down\)\.$/))
      .toBeVisible();
    await expect.element(page.getByText(/kept. Nothing else was changed/)).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Train again…' })).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Promote…' })).toBeDisabled();
  });

  it('goes on from its checkpoint', async () => {
    const stopped = runs.find((run) => run.resumable);
    if (!stopped) throw new Error('the fixture has a stopped run');
    const cancelled: RunDetail = {
      ...failed,
      run: stopped.run,
      status: 'cancelled',
      cause: stopped.cause ?? null,
    };
    host({ run: cancelled, live_run: recorded(repo, cancelled), resume_run: { runs: ['01NEXT'] } });
    const onopen = vi.fn();
    show(stopped.run, { onopen });
    await expect.element(page.getByText('This run was stopped')).toBeVisible();
    await page.getByRole('button', { name: 'Resume' }).first().click();
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith('01NEXT'));
  });

  it('says that its worker is gone while no end is recorded, and shows the record when it is', async () => {
    let recordedNow = false;
    const fake = host({
      run: () => {
        if (!recordedNow) throw problem('unknown_run', 'There is no run yet');
        return { ...failed, run: running.run };
      },
    });
    show(running.run);
    await expect.element(page.getByText('2–3 min left')).toBeVisible();
    hearSamples(samples(repo, 4, { ended: 'failed' }));
    await expect.element(page.getByText(/worker is gone without recording an end/)).toBeVisible();
    recordedNow = true;
    fake.answers.runs = runs;
    freshen(repo, ['runs']);
    await expect.element(page.getByText(/ended without a word/)).toBeVisible();
  });

  it('shows text of a run as text, and what hides or turns it spelled out', async () => {
    const cause = '<img src=x onerror="document.title=1">\u202egnp.exe';
    host({ run: { ...failed, cause }, run_log: '<b>bold</b>\u202e\n' });
    show(failed.run);
    await expect.element(page.getByText(/⟨U\+202E⟩gnp\.exe/)).toBeVisible();
    await expect.element(page.getByRole('log')).toHaveTextContent('<b>bold</b>⟨U+202E⟩');
    expect(document.querySelector('img')).toBeNull();
  });

  it('that nobody knows leads back to all runs', async () => {
    host({
      live_run: () => {
        throw problem('unknown_run', 'There is no run `x`');
      },
    });
    show('x');
    await expect.element(page.getByText('There is no run `x`')).toBeVisible();
    await page.getByRole('button', { name: 'All runs' }).click();
    expect(router.route.rest).toEqual([]);
    await userEvent.keyboard('{Escape}');
  });
});
