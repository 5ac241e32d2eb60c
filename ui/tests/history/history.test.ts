import { beforeEach, describe, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { freshen, router } from '$states';
import { forgetAnswers } from '$states/query.svelte';
import { problem } from '../support/host';
import { historyHost, id, metric, versions } from './answers';
import Place from './Place.svelte';

const word = (key: string): string | null => router.route.query.get(key);
const rowsShown = (): string[] =>
  [...document.querySelectorAll('[data-key]')].map((row) => row.getAttribute('data-key') ?? '');
const focused = (): string | null => document.activeElement?.getAttribute('data-key') ?? null;

/** A measure once it is the same in two frames. */
async function settled(measure: () => number): Promise<number> {
  for (let before = Number.NaN; ;) {
    await new Promise((done) => setTimeout(done, 50));
    const now = measure();
    if (now === before) return now;
    before = now;
  }
}

beforeEach(() => {
  forgetAnswers();
  router.go('/r/r/history', { replace: true });
});

describe('the list', () => {
  test('shows each version with its metrics, against what production desires', async () => {
    historyHost(versions(12));
    const page = await render(Place);
    await expect.element(page.getByText('12 of 12 versions')).toBeInTheDocument();
    const row = page.getByRole('row', { name: /^Change number 9,/ });
    await expect.element(row).toHaveTextContent('86.0 %');
    await expect.element(row).toHaveAccessibleName(/Accuracy 86\.0 % \(85\.0…87\.0 %\), Log loss 0\.5500/);
    expect(row.element().querySelector('.fill.better')).not.toBe(null);
    await expect
      .element(page.getByRole('row', { name: /^Change number 3,.*in production/ }))
      .toBeInTheDocument();
    expect(
      page
        .getByRole('row', { name: /^Change number 3,/ })
        .element()
        .querySelector('.fill'),
    ).toBe(null);
  });

  test('tells files from runs, other test sets from this one, and nothing from zero', async () => {
    const commits = versions(3);
    if (commits[0])
      commits[0].metrics = {
        accuracy: metric(0.9, { source: 'file', comparable: null, low: null, high: null }),
      };
    if (commits[1])
      commits[1].metrics = {
        accuracy: metric(0.9, { comparable: false }),
        log_loss: metric(null, { why: 'Only one class was there.' }),
      };
    historyHost(commits);
    const page = await render(Place);
    await expect.element(page.getByRole('img', { name: /From a file/ })).toBeInTheDocument();
    await expect.element(page.getByRole('img', { name: /another test set/ })).toBeInTheDocument();
    expect(page.container.querySelector('[title="Only one class was there."]')?.textContent).toContain('–');
  });

  test('sorts by a metric, best first, and back to how they follow', async () => {
    historyHost(versions(12));
    const page = await render(Place);
    const button = page.getByRole('button', { name: 'Log loss' });
    await button.click();
    expect(word('sort')).toBe('log_loss');
    await expect.poll(() => rowsShown()[0]).toBe(id(9));
    await button.click();
    await expect.poll(() => rowsShown()[0]).toBe(id(10));
    await expect
      .element(page.getByRole('columnheader', { name: 'Log loss' }))
      .toHaveAttribute('aria-sort', 'descending');
    await button.click();
    await expect.poll(() => rowsShown()[0]).toBe(id(12));
    expect(word('sort')).toBe(null);
  });

  test('shows the metrics that are chosen, also after a reload', async () => {
    historyHost(versions(4));
    const page = await render(Place);
    await page.getByRole('button', { name: 'Metrics' }).click();
    await page
      .getByRole('group', { name: 'Metrics shown as columns' })
      .getByRole('button', { name: 'Accuracy' })
      .click();
    await expect.poll(() => page.container.querySelectorAll('[role=columnheader] .trend').length).toBe(1);
    page.unmount();
    const again = await render(Place);
    await expect.element(again.getByRole('columnheader', { name: 'Log loss' })).toBeInTheDocument();
    expect(again.container.querySelectorAll('[role=columnheader] .trend')).toHaveLength(1);
  });
});

describe('the filter', () => {
  test('narrows the list and stays in the address', async () => {
    historyHost(versions(12));
    const page = await render(Place);
    await expect.element(page.getByText('12 of 12 versions')).toBeInTheDocument();
    await userEvent.keyboard('/');
    await userEvent.keyboard('author:ana accuracy>80%');
    await expect.element(page.getByText('1 of 12 versions')).toBeInTheDocument();
    expect(rowsShown()).toEqual([id(9)]);
    expect(word('q')).toBe('author:ana accuracy>80%');
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByText('12 of 12 versions')).toBeInTheDocument();
  });

  test('sends branch and path to the backend', async () => {
    const host = historyHost(versions(3));
    router.setQuery({ q: 'branch:topic touched:data/' });
    await render(Place);
    await expect
      .poll(() => host.asked.filter(({ name }) => name === 'history').at(-1)?.args)
      .toMatchObject({ revision: 'topic', path: 'data/' });
  });

  test('says what has no meaning, and goes on with the rest', async () => {
    const host = historyHost(versions(4));
    router.setQuery({ q: 'accurcy>0.9 branch:mian number' });
    const page = await render(Place);
    await expect
      .element(page.getByText('There is no metric “accurcy”. Did you mean “accuracy”?'))
      .toBeInTheDocument();
    await expect
      .element(page.getByText('There is no branch “mian”. Did you mean “main”?'))
      .toBeInTheDocument();
    await expect.element(page.getByText('4 of 4 versions')).toBeInTheDocument();
    await expect
      .element(page.getByRole('textbox', { name: 'Filter versions' }))
      .toHaveAttribute('aria-invalid', 'true');
    expect(host.asked.filter(({ name }) => name === 'history').at(-1)?.args).toMatchObject({
      revision: null,
    });
  });

  test('without a hit says so and can be cleared', async () => {
    historyHost(versions(4));
    router.setQuery({ q: 'nothing-like-this' });
    const page = await render(Place);
    await expect.element(page.getByText('No version passes the filter')).toBeInTheDocument();
    await page.getByRole('button', { name: 'Clear filter' }).last().click();
    await expect.element(page.getByText('4 of 4 versions')).toBeInTheDocument();
  });
});

describe('marks', () => {
  test('by Space, two at most, compared by c with the older as A', async () => {
    historyHost(versions(12));
    const oncompare = vi.fn();
    const page = await render(Place, { oncompare });
    await page.getByRole('row', { name: /^Change number 12,/ }).click();
    await userEvent.keyboard(' jj ');
    await expect.poll(() => word('marks')).toBe(`${id(12)},${id(10)}`);
    await userEvent.keyboard('j ');
    await expect.poll(() => word('marks')).toBe(`${id(10)},${id(9)}`);
    await expect
      .element(page.getByRole('row', { name: /^Change number 9,/ }))
      .toHaveAttribute('aria-selected', 'true');
    await userEvent.keyboard('c');
    expect(oncompare).toHaveBeenLastCalledWith(id(9), id(10));
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    expect(word('marks')).toBe(null);
  });

  test('by the pointer, and without a handler the address leads to the comparison', async () => {
    historyHost(versions(4));
    const page = await render(Place);
    await page.getByRole('checkbox', { name: /Mark 00000004/ }).click();
    await page.getByRole('checkbox', { name: /Mark 00000002/ }).click();
    await page.getByRole('button', { name: 'Compare C' }).click();
    expect(router.route).toMatchObject({ view: 'compare', repo: 'r' });
    expect([word('a'), word('b')]).toEqual([id(2), id(4)]);
  });

  test('a row can be compared with what production desires at once', async () => {
    historyHost(versions(6));
    const oncompare = vi.fn();
    const page = await render(Place, { oncompare });
    await page.getByRole('row', { name: /^Change number 5,/ }).click();
    await userEvent.keyboard('b');
    expect(oncompare).toHaveBeenCalledWith(id(3), id(5));
  });
});

describe('details', () => {
  test('open by Enter, follow the keyboard, and close by Escape with the focus back in the list', async () => {
    historyHost(versions(6));
    const page = await render(Place, { onpromote: vi.fn() });
    await page.getByRole('row', { name: /^Change number 5,/ }).click();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('heading', { name: 'Change number 5' })).toBeInTheDocument();
    expect(word('version')).toBe(id(5));
    await page.getByRole('row', { name: /^Change number 4,/ }).click();
    await expect.element(page.getByRole('heading', { name: 'Change number 4' })).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await expect.element(page.getByRole('complementary')).not.toBeInTheDocument();
    await expect.poll(focused).toBe(id(4));
  });

  test('offer what can be done with a version', async () => {
    const run = {
      run: '01RUN',
      model: 'digits',
      version: id(5),
      job: 'train',
      status: 'succeeded',
      dirty: false,
    } as never;
    historyHost(versions(6), {
      runs: [run],
      start_evaluation: { runs: ['01EVAL'] } as never,
      gates: { gates: [], decision: 'ready', why: '', obstacles: [], first_deployment: true, notes: [] },
    });
    const [onpromote, ontrain, oncompare] = [vi.fn(), vi.fn(), vi.fn()];
    router.setQuery({ version: id(5) });
    const page = await render(Place, { onpromote, ontrain, oncompare });
    await page.getByRole('button', { name: 'Promote…' }).click();
    expect(onpromote).toHaveBeenCalledWith({ revision: id(5), run: null });
    await page.getByRole('button', { name: 'Train this version' }).click();
    expect(ontrain).toHaveBeenCalledWith({ revision: id(5) });
    await page.getByRole('button', { name: 'Compare with what is in production', exact: true }).click();
    expect(oncompare).toHaveBeenCalledWith(id(3), id(5));
    await expect
      .element(page.getByRole('link', { name: /01RUN/ }))
      .toHaveAttribute('href', '#/r/r/runs/01RUN');
  });
});

describe('news', () => {
  test('a version that comes in leaves the place, the keyboard and the marks where they are', async () => {
    const host = historyHost(versions(400));
    const page = await render(Place);
    await page.getByRole('row', { name: /^Change number 400,/ }).click();
    await userEvent.keyboard('{PageDown}{PageDown}{PageDown} ');
    const at = focused();
    expect(at).not.toBe(null);
    const top = (): number =>
      document.querySelector(`[data-key="${at}"]`)?.getBoundingClientRect().top ?? Number.NaN;
    const before = await settled(top);
    host.answers.history = { model: 'digits', commits: versions(403), problems: [] };
    freshen('r', ['history']);
    await expect.element(page.getByText('403 of 403 versions')).toBeInTheDocument();
    await expect.poll(focused).toBe(at);
    await expect.poll(() => Math.abs(top() - before)).toBeLessThan(2);
    await expect
      .poll(() => document.activeElement?.getBoundingClientRect().bottom)
      .toBeLessThanOrEqual(
        document.querySelector('[aria-label="Marked versions"]')?.getBoundingClientRect().top ?? 0,
      );
    expect(word('marks')).toBe(at);
  });

  test('a run that ended fills its row', async () => {
    const commits = versions(3).map((version, index) =>
      index === 0 ? { ...version, metrics: {} } : version,
    );
    const host = historyHost(commits);
    const page = await render(Place);
    const row = page.getByRole('row', { name: /^Change number 3,/ });
    await expect.element(row).not.toHaveTextContent('%');
    host.answers.history = { model: 'digits', commits: versions(3), problems: [] };
    freshen('r', ['history']);
    await expect.element(row).toHaveTextContent('62.0 %');
  });
});

describe('faces', () => {
  test('a repository without a commit', async () => {
    historyHost([]);
    const page = await render(Place);
    await expect.element(page.getByText('No versions yet')).toBeInTheDocument();
  });

  test('a repository without a model', async () => {
    historyHost([], { history: { model: null, commits: versions(2), problems: [] } });
    const page = await render(Place);
    await expect.element(page.getByText('No model is declared here.')).toBeInTheDocument();
    await expect.element(page.getByText('2 of 2 versions')).toBeInTheDocument();
  });

  test('what could not be read, while the rest could', async () => {
    const problems = [{ what: 'metrics.json at 0000', why: 'line 3: expected a number' }];
    historyHost([], { history: { model: 'digits', commits: versions(2), problems } });
    const page = await render(Place);
    await page.getByRole('button', { name: '1 could not be read' }).click();
    await expect.element(page.getByText('line 3: expected a number')).toBeInTheDocument();
  });

  test('a manifest that cannot be read', async () => {
    historyHost([], {
      history: () => {
        throw {
          ...problem('invalid_manifest', 'model.yaml cannot be read.'),
          location: { file: 'model.yaml', line: 4, column: 2 },
        };
      },
    });
    const page = await render(Place);
    await expect.element(page.getByText('model.yaml cannot be read.')).toBeInTheDocument();
    await expect.element(page.getByText('model.yaml:4:2')).toBeInTheDocument();
    await expect.element(page.getByRole('textbox', { name: 'Filter versions' })).toBeInTheDocument();
  });

  test('a manifest at HEAD that is refused, while the versions are there', async () => {
    const refused = problem('invalid_manifest', 'Unknown key `epohcs`.');
    const host = historyHost([], { history: { model: null, commits: versions(2), problems: [] } });
    const repository = host.answers.repository as Exclude<
      typeof host.answers.repository,
      undefined | ((...args: never[]) => unknown)
    >;
    host.answers.repository = {
      ...repository,
      models: [{ name: null, folder: '', metrics: [], problem: refused }],
    };
    const page = await render(Place);
    await expect.element(page.getByText('Unknown key `epohcs`.')).toBeInTheDocument();
    await expect.element(page.getByText('2 of 2 versions')).toBeInTheDocument();
    expect(page.container.textContent).not.toContain('No model is declared here');
  });

  test('subjects are only text', async () => {
    const commits = versions(1);
    if (commits[0]) commits[0].subject = '<img src=x onerror="window.__acted=1"> \u202egnp.exe';
    historyHost(commits);
    const page = await render(Place);
    await expect.element(page.getByText('⟨U+202E⟩gnp.exe').first()).toBeInTheDocument();
    expect(page.container.querySelector('img')).toBe(null);
  });
});

test('ten thousand versions: what is seen is rendered, and the end is one key away', async () => {
  historyHost(versions(10_000));
  const page = await render(Place);
  await expect.element(page.getByText('10,000 of 10,000 versions')).toBeInTheDocument();
  expect(rowsShown().length).toBeLessThan(60);
  await page.getByRole('row', { name: /^Change number 10000,/ }).click();
  await userEvent.keyboard('{End}');
  await expect.poll(focused).toBe(id(1));
  expect(rowsShown().length).toBeLessThan(60);
  await userEvent.keyboard('/');
  await userEvent.keyboard('number 77');
  await expect.element(page.getByText(/^\d+ of 10,000 versions$/)).toBeInTheDocument();
  await expect.poll(() => rowsShown().length).toBeGreaterThan(5);
  expect(rowsShown().length).toBeLessThan(60);
});
