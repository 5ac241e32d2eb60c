import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { router } from '$states';
import { hearSamples } from '$states/live.svelte';
import { forgetAnswers } from '$states/query.svelte';
import { fakeHost, problem } from '../support/host';
import { history, live, metrics, repository, running, runs, samples } from './answers';
import Place from './Place.svelte';

const repo = 'r1';
const model = null;

function host(more: Parameters<typeof fakeHost>[0] = {}) {
  return fakeHost({ runs, repository, metrics, history, ...more });
}

function show(props: { onopen?: (run: string) => void; oncompare?: (a: string, b: string) => void } = {}) {
  render(Place, { repo, model, ...props });
}

const table = () => page.getByRole('grid', { name: 'Runs' });
const rows = () => [...document.querySelectorAll('[role="row"][data-key]')];

beforeEach(() => {
  forgetAnswers();
  router.go('/r/r1/runs');
});

describe('the table of runs', () => {
  it('tells how each ended, of what version, and with which metrics in the model’s order', async () => {
    host();
    show();
    await expect.element(table()).toBeVisible();
    const text = table().element().textContent ?? '';
    expect(text).toMatch(/State.*Run.*Version.*Seed.*Accuracy.*F1, macro.*ROC AUC/s);
    expect(text).toContain('Failed');
    expect(text).toContain('Cancelled');
    expect(text).toContain('Train for 20 epochs from a higher rate');
    expect(text).toContain('97.8 %');
    expect(text).toContain('Uncommitted');
  });

  it('is filtered by state and words, and the address keeps both', async () => {
    host();
    show();
    await page.getByRole('radio', { name: /Failed/ }).click({ force: true });
    await vi.waitFor(() => expect(rows().length).toBe(runs.filter((run) => run.status === 'failed').length));
    expect(router.route.query.get('state')).toBe('failed');
    await page.getByRole('searchbox', { name: 'Filter runs' }).fill('no such words');
    await expect.element(page.getByText('No run fits.')).toBeVisible();
    await page.getByRole('button', { name: 'Show all' }).click();
    await vi.waitFor(() => expect(rows().length).toBeGreaterThan(5));
    expect(router.route.query.toString()).toBe('');
  });

  it('marks two with Space and compares them with c; a failed run cannot be marked', async () => {
    host();
    const oncompare = vi.fn();
    show({ oncompare });
    await expect.element(table()).toBeVisible();
    const good = runs.filter((run) => run.status === 'succeeded').map((run) => run.run);
    const bad = runs.find((run) => run.status === 'failed')?.run ?? '';
    const row = (run: string) => document.querySelector<HTMLElement>(`[data-key="${run}"]`);
    row(bad)?.focus();
    await userEvent.keyboard(' ');
    expect(router.route.query.get('marks')).toBeNull();
    for (const run of good.slice(0, 2)) {
      row(run)?.focus();
      await userEvent.keyboard(' ');
    }
    expect(router.route.query.get('marks')).toBe(good.slice(0, 2).join(','));
    await userEvent.keyboard('c');
    expect(oncompare).toHaveBeenCalledWith(good[0], good[1]);
  });

  it('opens a run with Enter', async () => {
    host();
    const onopen = vi.fn();
    show({ onopen });
    await expect.element(table()).toBeVisible();
    (rows()[0] as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    expect(onopen).toHaveBeenCalledWith(runs[0]?.run);
  });

  it('sorts by a metric, the best first', async () => {
    host();
    show();
    await page.getByRole('button', { name: 'Accuracy' }).click();
    expect(router.route.query.get('sort')).toBe('-accuracy');
    const values = runs.map((run) => run.metrics.accuracy?.value ?? -1);
    const best = runs[values.indexOf(Math.max(...values))];
    await vi.waitFor(() => expect(rows()[0]?.getAttribute('data-key')).toBe(best?.run));
  });

  it('resumes what was stopped', async () => {
    const fake = host({ resume_run: { runs: ['01NEXT'] } });
    const onopen = vi.fn();
    show({ onopen });
    await page.getByRole('button', { name: 'Resume' }).click();
    await vi.waitFor(() => expect(onopen).toHaveBeenCalledWith('01NEXT'));
    expect(fake.asked.find((one) => one.name === 'resume_run')?.args).toEqual({
      repo,
      run: runs.find((run) => run.resumable)?.run,
    });
  });
});

describe('a running run', () => {
  const withRunning = (more: Parameters<typeof fakeHost>[0] = {}) =>
    host({ runs: [running, ...runs], live_run: live(repo), ...more });
  const line = () => page.getByRole('listitem').filter({ hasText: 'Running' });

  it('stands on top with its epoch, how long it still takes, its pace and its loss', async () => {
    withRunning();
    show();
    await expect
      .element(line())
      .toHaveTextContent(/Epoch 5 of 20 · 2–3 min left · 121 steps\/s · for 1 min 5 s/);
    await expect.element(page.getByRole('img', { name: /^Validation loss/ })).toBeVisible();
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '25');
  });

  it('moves with the samples', async () => {
    withRunning();
    show();
    await expect.element(line()).toHaveTextContent(/Epoch 5/);
    const point = {
      ...(live(repo).points[0] ?? { step: 0, epoch: 0, wall_millis: 0 }),
      step: 360,
      epoch: 10,
    };
    hearSamples(samples(repo, 4, { points: [point as never] }));
    await expect.element(line()).toHaveTextContent(/Epoch 10 of 20/);
    await expect.element(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50');
  });

  it('is asked to stop after its step, and ended at once only when that is said twice', async () => {
    const fake = withRunning({ stop_run: null });
    show();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect.element(page.getByText('Stopping after this step…')).toBeVisible();
    const asked = () => fake.asked.filter((one) => one.name === 'stop_run').map((one) => one.args);
    expect(asked()).toEqual([{ repo, run: running.run, now: false }]);
    await page.getByRole('button', { name: 'Stop now' }).click();
    await expect.element(page.getByText(/weights are lost and it cannot be resumed/)).toBeVisible();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByText(/weights are lost/)).not.toBeInTheDocument();
    expect(asked()).toHaveLength(1);
    await page.getByRole('button', { name: 'Stop now' }).click();
    await page.getByRole('button', { name: 'Stop now' }).click();
    await vi.waitFor(() => expect(asked().at(-1)).toEqual({ repo, run: running.run, now: true }));
  });
});

describe('other faces', () => {
  it('say what a run is where there is none', async () => {
    host({ runs: [] });
    show();
    await expect.element(page.getByText('No run yet')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Start training…' }).first()).toBeVisible();
  });

  it('say that there is nothing to train where no model is declared', async () => {
    host({ runs: [], repository: { ...repository, models: [] } });
    show();
    await expect.element(page.getByText('No model to train here')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Start training…' })).not.toBeInTheDocument();
  });

  it('keep a problem on the page and ask again', async () => {
    const fake = host({
      runs: () => {
        throw problem('storage', 'The index cannot be read');
      },
    });
    show();
    await expect.element(page.getByText('The index cannot be read')).toBeVisible();
    fake.answers.runs = runs;
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.element(table()).toBeVisible();
  });
});
