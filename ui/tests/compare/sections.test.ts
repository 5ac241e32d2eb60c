import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { Compare, CompareFiles } from '$features/compare';
import { router } from '$states';
import { fakeHost } from '../support/host';
import { answers, comparing } from './answers';

const { blocked, ready } = answers;
let repos = 0;

beforeEach(() => router.go('/r/digits/compare'));

function open(section: string, answer = blocked) {
  repos += 1;
  router.go(`/r/digits/compare?section=${section}`);
  const host = comparing(answer);
  render(Compare, { repo: `s${repos}`, model: null, a: 'production', b: 'main', onchange: vi.fn() });
  return host;
}

const row = (name: string | RegExp) => page.getByRole('row', { name });
const rowsOf = (table: string) =>
  page.getByRole('table', { name: table, exact: true }).getByRole('rowheader');

describe('metrics', () => {
  it('show both values, the change, its interval and a verdict in words', async () => {
    open('metrics');
    await expect
      .element(row(/^Accuracy.*Higher is better.*Decides.*97.1 % 57.1 %.*−40.0 pts.*−44.9…−35.8 pts.*Worse/))
      .toBeVisible();
    await expect
      .element(page.getByRole('img', { name: /−40.0 pts, 95 % interval −44.9…−35.8 pts: Worse/ }).first())
      .toBeVisible();
    await expect.element(page.getByRole('img', { name: /^Accuracy over the last versions/ })).toBeVisible();
  });

  it('are sorted by a press on a head, worst first, and back', async () => {
    open('metrics', ready);
    const first = rowsOf('Metrics').first();
    await expect.element(first).toHaveTextContent('Accuracy');
    const head = page.getByRole('button', { name: 'Verdict' }).first();
    await head.click();
    await expect
      .element(page.getByRole('columnheader', { name: 'Verdict' }).first())
      .toHaveAttribute('aria-sort', 'ascending');
    await head.click();
    await expect.element(first).toHaveTextContent('ECE, 15 bins');
    await head.click();
    await expect.element(first).toHaveTextContent('Accuracy');
  });

  it('show p only when asked, corrected for how many were looked at', async () => {
    open('metrics', ready);
    await expect.element(row(/^Accuracy/)).toBeVisible();
    expect(page.getByText('p = 0.688').elements()).toHaveLength(0);
    await page.getByRole('checkbox', { name: 'p-values' }).click();
    await expect.element(row(/^Accuracy.*p = 0.688 p = 1.000/)).toBeVisible();
  });

  it('say a reason that many share once, below', async () => {
    const why = 'said of every metric';
    open('metrics', { ...ready, metrics: ready.metrics.map((metric) => ({ ...metric, why })) });
    await expect.element(row(/^Accuracy.*note 1/)).toBeVisible();
    expect(page.getByText(why).elements()).toHaveLength(1);
  });

  it('go class by class, by the measure that is chosen', async () => {
    open('metrics');
    await expect.element(page.getByRole('radio', { name: 'Recall' })).toBeChecked();
    const classes = page.getByRole('table', { name: 'By class' });
    await expect.element(classes.getByRole('row', { name: /^3 .*46 91.3 % 6.5 %/ })).toBeVisible();
    await page.getByRole('radio', { name: 'Precision' }).click({ force: true });
    await expect.element(classes.getByRole('row', { name: /^3 .*46 91.3 % 6.5 %/ })).not.toBeInTheDocument();
  });

  it('say how they were measured', async () => {
    open('metrics');
    await page.getByRole('button', { name: 'How this was measured' }).click();
    await expect
      .element(page.getByText(/1,000 resamples of the shared examples, 95 % wide, seed 20240501/))
      .toBeVisible();
    const table = page.getByRole('table', { name: 'McNemar' });
    await expect.element(table.getByRole('row', { name: /^A right 255 182$/ })).toBeVisible();
    await expect.element(page.getByText(/exact: p < 0.001/)).toBeVisible();
  });
});

describe('the confusion matrix', () => {
  const grid = page.getByRole('grid', { name: /^Confusion/ });
  const cell = (name: string | RegExp) => grid.getByRole('gridcell', { name });

  it('says of each cell what moved and whether that is good', async () => {
    open('flips');
    await expect.element(cell('True 3, predicted 3: −39: worse')).toHaveTextContent('−39');
    await expect.element(cell('True 3, predicted 0: +37: worse')).toHaveTextContent('+37');
    await expect.element(cell('True 3, predicted 2: −2: better')).toHaveTextContent('−2');
    await page.getByRole('radio', { name: 'A', exact: true }).click({ force: true });
    await expect.element(cell('True 3, predicted 3: 42')).toBeVisible();
    await page.getByRole('radio', { name: 'Row %' }).click({ force: true });
    await expect.element(cell('True 3, predicted 3: 91 %')).toBeVisible();
  });

  it('is walked with the arrows, and a cell filters the flips', async () => {
    open('flips');
    await expect.element(cell('True 0, predicted 0: −4: worse')).toBeVisible();
    await userEvent.keyboard('{Tab}');
    (cell('True 0, predicted 0: −4: worse').element() as HTMLElement).focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{Enter}');
    await expect.element(cell('True 3, predicted 0: +37: worse')).toHaveFocus();
    await expect.element(cell('True 3, predicted 0: +37: worse')).toHaveAttribute('aria-selected', 'true');
    const flips = page.getByRole('grid', { name: 'Changed predictions' });
    await vi.waitFor(() => {
      const rows = flips.getByRole('row', { name: /example/ }).elements();
      expect(rows.every((one) => /truth 3/.test(one.getAttribute('aria-label') ?? ''))).toBe(true);
    });
    await page.getByRole('button', { name: /Show all flips/ }).click();
    await expect.element(cell('True 3, predicted 0: +37: worse')).toHaveAttribute('aria-selected', 'false');
  });

  it('keeps ink legible on every tint', async () => {
    open('flips');
    await expect.element(cell('True 1, predicted 1: −40: worse')).toBeVisible();
    const tint = getComputedStyle(cell('True 1, predicted 1: −40: worse').element()).getPropertyValue(
      '--tint',
    );
    expect(Number.parseFloat(tint)).toBe(40);
  });

  it('lists the mistakes that moved most, each a way to its flips', async () => {
    open('flips');
    await page.getByRole('button', { name: /^3 taken for 0/ }).click();
    await expect
      .element(page.getByRole('button', { name: /^3 taken for 0/ }))
      .toHaveAttribute('aria-pressed', 'true');
    await expect.element(cell('True 3, predicted 0: +37: worse')).toHaveAttribute('aria-selected', 'true');
  });
});

describe('flips', () => {
  const list = page.getByRole('grid', { name: 'Changed predictions' });
  const flip = (name: RegExp) => list.getByRole('row', { name });

  it('begin with what broke; a kind leaves only its own', async () => {
    open('flips');
    await expect
      .element(list.getByRole('row').nth(1))
      .toHaveAccessibleName(/^broken: example 1043, truth 4, A said 4, B said 7/);
    await page.getByRole('button', { name: /fixed/ }).click();
    await expect.element(list.getByRole('row').nth(1)).toHaveAccessibleName(/^fixed/);
    expect(list.getByRole('row').elements()).toHaveLength(3);
  });

  it('open by the keyboard with pixels and both answers, and give the focus back', async () => {
    const host = open('flips');
    await expect.element(flip(/example 1043/)).toBeVisible();
    await userEvent.keyboard('j');
    await expect.element(flip(/example 1043/)).toHaveFocus();
    await userEvent.keyboard('j{Enter}');
    const example = page.getByRole('region', { name: /^Example/ });
    await expect
      .element(example.getByRole('img', { name: /8 × 8 pixels, from 0 \(black\) to 16 \(white\)/ }))
      .toBeVisible();
    await expect.element(example.getByRole('row', { name: /^4\s*Truth 100.0 % 21.7 %/ })).toBeVisible();
    const second = blocked.flips.examples[1]?.id;
    expect(host.asked.filter((one) => one.name === 'example').map((one) => one.args)).toEqual([
      expect.objectContaining({ id: second, a_run: blocked.a.run, b_run: blocked.b.run }),
    ]);
    expect(router.route.query.get('example')).toBe(second);
    await userEvent.keyboard('{Escape}');
    await expect.element(example).not.toBeInTheDocument();
    await expect.element(flip(new RegExp(`example ${second ?? ''},`))).toHaveFocus();
  });

  it('that are not all listed say so where a filter finds none', async () => {
    const flips = {
      ...blocked.flips,
      total: 1_809,
      examples: blocked.flips.examples.filter((one) => one.kind === 'broken'),
    };
    open('flips', { ...blocked, flips });
    await page.getByRole('button', { name: /fixed/ }).click();
    await expect.element(page.getByText(/Only 24 of 1,809 flips are listed/)).toBeVisible();
  });

  it('show features in a table where they are no picture', async () => {
    router.go(`/r/digits/compare?section=flips&example=1043`);
    repos += 1;
    comparing(blocked, {
      example: {
        ...answers.example,
        shape: [3],
        // What is not a number arrives as null.
        values: [1.5, null, -2] as unknown as number[],
        columns: ['age', 'income', 'x\u202ey'],
      },
    });
    render(Compare, { repo: `s${repos}`, model: null, a: 'production', b: 'main', onchange: vi.fn() });
    await expect.element(page.getByRole('row', { name: 'age 1.5' })).toBeVisible();
    await expect.element(page.getByRole('row', { name: 'income –' })).toBeVisible();
    await expect.element(page.getByText(/U\+202E/)).toBeVisible();
  });
});

describe('what changed', () => {
  it('in a file is shown line by line, in one column or side by side', async () => {
    open('code');
    const table = page.getByRole('table', { name: 'Changes in model.yaml' });
    await expect.element(table).toHaveTextContent(/Only in A.*adamw: \{lr: 0.001\}/);
    await expect.element(table).toHaveTextContent(/Only in B.*adamw: \{lr: 0.002\}/);
    const before = table.getByRole('row').elements().length;
    await page
      .getByRole('button', { name: /equal lines hidden. Show/ })
      .first()
      .click();
    await vi.waitFor(() => expect(table.getByRole('row').elements().length).toBeGreaterThan(before));
    await page.getByRole('radio', { name: 'Side by side' }).click({ force: true });
    await expect.element(table.getByRole('columnheader', { name: 'B', exact: true })).toBeVisible();
  });

  it('in the weights has a bar, or a word where shapes differ', async () => {
    open('model');
    await expect.element(row(/^layers.0.weight 16 × 1 × 3 × 3 Changed 0.128/)).toBeVisible();
    await expect.element(row(/^layers.4.weight 64 × 256 → 16 × 256 Other shape no distance/)).toBeVisible();
  });

  it('in cost has its sign and its share', async () => {
    open('cost');
    await expect.element(row('Parameters 17,258 4,442 −12,816 (−74.3 %)')).toBeVisible();
  });

  it('in slices is told worst first', async () => {
    open('slices');
    await expect.element(rowsOf('Slices').first()).toHaveTextContent('class = 1');
    await expect.element(row(/^class = 1 46 97.8 % 10.9 %/)).toBeVisible();
  });

  it('in curves is drawn for both runs as A and B', async () => {
    const host = open('curves');
    await vi.waitFor(() => expect(host.count('chart')).toBeGreaterThan(0));
    const queries = host.asked.flatMap((one) =>
      one.name === 'chart' ? [(one.args as { query: unknown }).query] : [],
    );
    expect(queries[0]).toMatchObject({
      metrics: ['validation/accuracy'],
      runs: [blocked.a.run, blocked.b.run],
      labels: ['A', 'B'],
    });
  });
});

describe('prediction files', () => {
  it('are compared without what files do not have', async () => {
    router.go('/files');
    fakeHost({ metrics: answers.metrics, compare_files: answers.regression });
    render(CompareFiles, { a: '/predictions/ra.csv', b: '/predictions/rb.csv', onchange: vi.fn() });
    await expect.element(page.getByText(/Root mean squared error is better/)).toBeVisible();
    await expect.element(page.getByText(/^Paired by id · 300 rows/)).toBeVisible();
    const tabs = page
      .getByRole('tab')
      .elements()
      .map((one) => one.textContent?.trim());
    expect(tabs).toEqual(['Overview', 'Metrics', 'Slices']);
    expect(page.getByRole('button', { name: /Promote/ }).elements()).toHaveLength(0);
  });

  it('are chosen by the dialog, or typed', async () => {
    router.go('/files');
    const host = fakeHost({ metrics: answers.metrics });
    host.picked = '/predictions/new.parquet';
    const onchange = vi.fn();
    render(CompareFiles, { a: '', b: '/predictions/rb.csv', onchange });
    await expect.element(page.getByText('Choose two prediction files')).toBeVisible();
    await page.getByRole('button', { name: 'Choose a file…' }).first().click();
    await vi.waitFor(() =>
      expect(onchange).toHaveBeenCalledWith({ a: '/predictions/new.parquet', b: '/predictions/rb.csv' }),
    );
    expect(host.count('compare_files')).toBe(0);
  });
});
