import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Compare } from '$features/compare';
import { router, toasts } from '$states';
import type { ComparedSides } from '$generated/bindings';
import { later, problem, type FakeHost } from '../support/host';
import { answers, comparing } from './answers';

const { blocked, ready } = answers;
let repos = 0;

beforeEach(() => {
  router.go('/r/digits/compare');
  toasts.all.forEach((toast) => toasts.dismiss(toast.id));
});

function open(
  answer: ComparedSides | (() => Promise<ComparedSides>),
  more: Parameters<typeof comparing>[1] = {},
  props: { a?: string | null; b?: string | null } = {},
) {
  // Answers are kept by repository: each test has its own.
  repos += 1;
  const host = comparing(answer, more);
  const heard = { onchange: vi.fn(), onpromote: vi.fn(), ontrain: vi.fn() };
  render(Compare, { repo: `r${repos}`, model: null, a: 'production', b: 'main', ...props, ...heard });
  return { host, ...heard };
}

const asked = (host: FakeHost, name: string): unknown[] =>
  host.asked.filter((one) => one.name === name).map((one) => one.args);
const button = (name: string | RegExp) => page.getByRole('button', { name });
const tab = (name: string | RegExp) => page.getByRole('tab', { name });
const banner = (name: string) => page.getByRole('region', { name, exact: true });

describe('the verdict', () => {
  it('of a regression is blocked, says why, and counts the gates', async () => {
    open(blocked);
    await expect.element(banner('Blocked')).toBeVisible();
    await expect.element(banner('Blocked')).toHaveTextContent('Accuracy is worse (−40.0 pts, 95 % CI');
    await expect.element(banner('Blocked')).toHaveTextContent('1 of 3 gates pass.');
    await expect
      .element(banner('Blocked'))
      .toHaveTextContent(/Same test set \(look \d+\) · 450 rows · paired/);
    const gates = page.getByRole('list', { name: 'Gates' }).getByRole('listitem');
    // What blocks comes first, and says by how much.
    await expect.element(gates.nth(0)).toHaveTextContent(/accuracy at least 0.95\s*failed: it is 0.5711/);
    await expect.element(gates.nth(2)).toHaveTextContent(/size at most 20 MiB\s*passed/);
  });

  it('of a good candidate is ready', async () => {
    open(ready);
    await expect.element(banner('Ready')).toHaveTextContent('All 3 gates pass.');
  });

  it('without gates claims nothing', async () => {
    open({ ...ready, gates: [], decision: 'ready' });
    await expect.element(banner('No gates')).toHaveTextContent('nothing says whether B may ship');
    expect(page.getByText('Ready', { exact: true }).elements()).toHaveLength(0);
  });

  it('names what no override lifts', async () => {
    const gates = {
      gates: blocked.gates,
      decision: 'blocked' as const,
      why: '',
      obstacles: ['data/train.csv is unversioned'],
      first_deployment: false,
      notes: [],
    };
    const { host } = open(blocked, { gates });
    await expect
      .element(page.getByText(/No override lifts this: data\/train.csv is unversioned/))
      .toBeVisible();
    expect(asked(host, 'gates')).toEqual([
      expect.objectContaining({ revision: 'main', against: 'production' }),
    ]);
  });

  it('of a gate is explained when the keyboard comes to it', async () => {
    open(blocked);
    await expect.element(banner('Blocked')).toBeVisible();
    const gate = page.getByText('accuracy at least 0.95').element().closest<HTMLElement>('[tabindex="0"]');
    await userEvent.keyboard('{Tab}');
    gate?.focus();
    await expect.element(page.getByRole('tooltip')).toHaveTextContent('Failed: it is 0.5711');
  });

  it('is announced once to who does not see it', async () => {
    const region = document.createElement('div');
    region.id = 'live-region';
    document.body.append(region);
    open(ready);
    await expect.element(banner('Ready')).toBeVisible();
    await vi.waitFor(() => expect(region.textContent).toMatch(/^Ready\. Accuracy: no clear change/));
    region.remove();
  });
});

describe('promoting', () => {
  it('asks for exactly the version and run that were compared', async () => {
    const { onpromote } = open(ready);
    await button('Promote B…').click();
    await userEvent.keyboard('p');
    const request = { revision: ready.b.version, run: ready.b.run };
    expect(onpromote.mock.calls).toEqual([[request], [request]]);
  });

  it('is not offered for uncommitted changes, and says so', async () => {
    const { onpromote } = open({ ...ready, b_info: { ...ready.b_info, dirty: true } });
    await expect.element(button('Promote B…')).toBeDisabled();
    await expect.element(button('Promote B…')).toHaveAccessibleDescription(/uncommitted changes/);
    await userEvent.keyboard('p');
    expect(onpromote).not.toHaveBeenCalled();
  });
});

describe('the sides', () => {
  it('are what is deployed and the newest version with a run, where nobody chose', async () => {
    const { host } = open(ready, {}, { a: null, b: null });
    await expect.element(banner('Ready')).toBeVisible();
    expect(asked(host, 'compare')).toEqual([expect.objectContaining({ a: 'production', b: 'main' })]);
  });

  it('swap by the button and by x', async () => {
    const { onchange } = open(ready);
    await button(/Swap/).click();
    await userEvent.keyboard('x');
    const swapped = { a: 'main', b: 'production' };
    expect(onchange.mock.calls).toEqual([[swapped], [swapped]]);
  });

  it('say who they are', async () => {
    open(ready);
    await expect.element(page.getByText('Give the convolution 32 channels').first()).toBeVisible();
    await expect.element(page.getByText(/^look \d+$/).first()).toBeVisible();
    await expect.element(page.getByText('450 examples').first()).toBeVisible();
    await expect.element(page.getByText('seed 7').first()).toBeVisible();
    await expect
      .element(page.getByRole('link', { name: /Run …/ }).first())
      .toHaveAttribute('href', expect.stringMatching(new RegExp(`/runs/${ready.a.run ?? ''}$`)));
  });

  it('are chosen among environments, branches, tags, versions and runs, found by any of their words', async () => {
    const { onchange } = open(ready);
    const field = page.getByRole('combobox', { name: 'A baseline' });
    await field.click();
    await field.fill('narrow hidden');
    await page.getByRole('option', { name: /Regularise with a narrow hidden layer/ }).click();
    expect(onchange).toHaveBeenCalledWith({ a: blocked.b.version, b: 'main' });
  });

  it('that are the same run are said to be', async () => {
    open({ ...ready, a: ready.b });
    await expect.element(page.getByText('Both sides are the same run, so nothing differs.')).toBeVisible();
  });
});

describe('waiting', () => {
  it('shows a skeleton, and words when it takes longer; the sides can still be changed', async () => {
    const answer = later<ComparedSides>();
    const { onchange } = open(() => answer.promise);
    await expect.element(page.getByRole('status', { name: 'Comparing' }).first()).toBeInTheDocument();
    await expect.element(page.getByText(/you may leave, nothing is lost/)).toBeVisible();
    await button(/Swap/).click();
    expect(onchange).toHaveBeenCalledOnce();
    answer.resolve(ready);
    await expect.element(banner('Ready')).toBeVisible();
  });

  it('for a version without a run ends with an offer to train it', async () => {
    const runs = answers.runs.filter((run) => run.version !== ready.b.version);
    const { ontrain } = open(() => Promise.reject(problem('no_run', 'Version 6507ba0d has no run yet')), {
      runs,
    });
    await expect.element(page.getByText('Version 6507ba0d has no run yet')).toBeVisible();
    await button('Train main').click();
    expect(ontrain.mock.calls).toEqual([['main']]);
  });

  it('for a word nobody knows leaves the sides to be chosen again', async () => {
    open(() => Promise.reject(problem('unknown_revision', 'Revision `x` was not found')), {}, { a: 'x' });
    await expect.element(page.getByRole('alert')).toHaveTextContent('Revision `x` was not found');
    await expect.element(page.getByRole('combobox', { name: 'A baseline' })).toHaveValue('x');
  });
});

describe('the sections', () => {
  it('count what is behind them and are in the address', async () => {
    open(blocked);
    await expect.element(tab(/^Flips 192$/)).toBeVisible();
    await expect.element(tab(/Slices 7/)).toBeVisible();
    await expect.element(page.getByRole('img', { name: '7 slices are worse' })).toBeInTheDocument();
    await tab(/^Config/).click();
    expect(router.route.query.get('section')).toBe('config');
    await expect
      .element(page.getByRole('row', { name: /train.optimizer.adamw.lr Changed 0.001 0.002 × 2/ }))
      .toBeVisible();
    await expect.element(page.getByRole('row', { name: /cosine.warmup Only in B absent 50/ })).toBeVisible();
  });

  it('show only changes when asked by d', async () => {
    open(ready);
    await expect.element(page.getByRole('row', { name: /^Log loss/ })).toBeVisible();
    await userEvent.keyboard('d');
    await expect.element(page.getByRole('row', { name: /^ECE, 15 bins/ })).toBeVisible();
    await expect.element(page.getByRole('row', { name: /^Log loss/ })).not.toBeInTheDocument();
    // What decides stays.
    await expect.element(page.getByRole('row', { name: /^Accuracy/ })).toBeVisible();
    expect(router.route.query.get('only')).toBe('changes');
  });

  it('say what cannot be compared, and why, instead of numbers', async () => {
    const why = 'inconclusive: the predictions of A are not here, so no paired interval can be made';
    const metrics = blocked.metrics.slice(0, 2).map((metric) => ({
      ...metric,
      low: null,
      high: null,
      p: null,
      verdict: 'not_comparable' as const,
      why,
    }));
    open({
      ...blocked,
      comparable: false,
      verdict: 'not_comparable',
      why: 'The predictions of A are not here.',
      metrics,
      classes: [],
      slices: [],
      flips: { fixed: 0, broken: 0, changed: 0, total: 0, examples: [] },
    });
    await expect
      .element(
        page.getByRole('row', { name: /^Accuracy.*Not comparable.*the predictions of A are not here/ }),
      )
      .toBeVisible();
    await expect.element(page.getByText('Flips need paired examples.')).toBeVisible();
    await expect.element(page.getByText('Slices need paired examples.')).toBeVisible();
  });
});

describe('exporting', () => {
  it('saves the report and all numbers, and says where', async () => {
    const report = { name: 'report.html', mime: 'text/html', base64: '' };
    const { host } = open(ready, { report });
    const saved: string[] = [];
    host.saveFile = (file) => {
      saved.push(file.name);
      return Promise.resolve(`C:\\kept\\${file.name}`);
    };
    await button('Export').click();
    await page.getByRole('menuitem', { name: /Report/ }).click();
    await vi.waitFor(() => expect(toasts.all.map((toast) => toast.text)).toContain('Saved report.html.'));
    await button('Export').click();
    await page.getByRole('menuitem', { name: /JSON/ }).click();
    await vi.waitFor(() => expect(saved).toEqual(['report.html', 'comparison-f618d4d2-6507ba0d.json']));
  });
});
