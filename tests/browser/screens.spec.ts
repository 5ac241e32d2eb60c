// Every screen and dialog: the rules of accessibility in each theme, a narrow window and a zoomed one, and pictures.

import type { App } from './support/app';
import { look } from './support/look';
import { expect, test } from './support/test';
import type { Template } from './support/templates';

type Screen = {
  name: string;
  template?: Template;
  /** Words behind `#/r/<repo>/`, or a whole address. */
  at: string;
  /** What a user does before there is something to look at. */
  then?: (app: App, repo: string) => Promise<void>;
};

const button = (app: App, name: string | RegExp, within = app.page.getByRole('main')): Promise<void> =>
  within.getByRole('button', { name }).first().click();

const tab = (name: string): ((app: App) => Promise<void>) => {
  return async (app) => {
    await app.page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();
    await expect(app.page.getByRole('tabpanel')).toBeVisible();
  };
};

const COMPARED = 'compare?a=HEAD~4&b=HEAD';

const SCREENS: Screen[] = [
  { name: 'home', at: '#/' },
  { name: 'settings', at: '#/settings' },
  { name: 'nowhere', at: '#/no/such/view' },
  { name: 'files', at: '#/files' },
  { name: 'history', at: 'history' },
  {
    name: 'history-version',
    at: 'history',
    then: async (app) => {
      await app.page.getByRole('row', { name: /^Regularise/ }).dblclick();
      await expect(app.page.getByRole('complementary')).toBeVisible();
    },
  },
  {
    name: 'history-marks-and-mistake',
    at: 'history',
    then: async (app) => {
      await app.page.getByRole('checkbox', { name: /^Mark/ }).nth(0).click();
      await app.page.getByRole('checkbox', { name: /^Mark/ }).nth(2).click();
      await app.page.getByRole('textbox', { name: 'Filter versions' }).fill('accurcy>0.9');
      await expect(app.page.getByText('Did you mean')).toBeVisible();
    },
  },
  { name: 'history-empty', at: 'history', template: 'empty' },
  { name: 'history-no-model', at: 'history', template: 'bare-of-models' },
  { name: 'history-broken', at: 'history', template: 'broken' },
  { name: 'history-dvc', at: 'history', template: 'dvc' },
  {
    name: 'history-dvc-version',
    at: 'history',
    template: 'dvc',
    then: async (app) => {
      await app.page.getByRole('button', { name: 'Columns', exact: true }).click();
      await app.page.getByRole('row', { name: /^Tune it/ }).dblclick();
      await expect(app.page.getByRole('complementary')).toBeVisible();
    },
  },
  { name: 'history-gto', at: 'history', template: 'gto' },
  { name: 'environments-gto', at: 'environments', template: 'gto' },
  { name: 'runs-mlflow', at: 'runs', template: 'mlflow' },
  { name: 'run-mlflow', at: 'runs/804c50268c894dd5acac777cefc249be', template: 'mlflow' },
  { name: 'run-mlflow-orphan', at: 'runs/8c6a8d93797348b9a8d94660c64b4c4d', template: 'mlflow' },
  { name: 'runs-dvc', at: 'runs', template: 'dvc' },
  { name: 'compare-recorded', at: 'compare?a=HEAD~1&b=HEAD', template: 'live' },
  {
    name: 'compare-mlflow',
    at: 'compare?a=804c50268c894dd5acac777cefc249be&b=8c6a8d93797348b9a8d94660c64b4c4d',
    template: 'mlflow',
  },
  { name: 'runs', at: 'runs' },
  { name: 'runs-empty', at: 'runs', template: 'bare-of-models' },
  {
    name: 'training',
    at: 'runs',
    then: async (app) => {
      await button(app, 'Start training…');
      await expect(app.dialog()).toBeVisible();
    },
  },
  {
    name: 'run',
    at: 'runs',
    then: async (app) => {
      await app.page.getByRole('grid').getByRole('link').first().click();
      await expect(app.page.getByRole('heading', { name: /^Run/ })).toBeVisible();
      await app.ready();
    },
  },
  { name: 'compare', at: COMPARED },
  { name: 'compare-metrics', at: COMPARED, then: tab('Metrics') },
  { name: 'compare-curves', at: COMPARED, then: tab('Curves') },
  {
    name: 'compare-flips',
    at: COMPARED,
    then: async (app) => {
      await tab('Flips')(app);
      await app.page.getByRole('grid', { name: 'Changed predictions' }).getByRole('row').nth(1).click();
      await expect(app.page.getByRole('heading', { name: /^Example/ })).toBeVisible();
    },
  },
  { name: 'compare-slices', at: COMPARED, then: tab('Slices') },
  { name: 'compare-data', at: COMPARED, then: tab('Data') },
  { name: 'compare-config', at: COMPARED, then: tab('Config') },
  { name: 'compare-code', at: COMPARED, then: tab('Code') },
  { name: 'compare-model', at: COMPARED, then: tab('Model') },
  { name: 'compare-cost', at: COMPARED, then: tab('Cost') },
  { name: 'compare-blocked', at: 'compare?a=production&b=HEAD~4' },
  { name: 'compare-nothing', at: 'compare', template: 'bare-of-models' },
  {
    name: 'promote',
    at: 'compare?a=production&b=HEAD',
    then: async (app) => {
      await button(app, 'Promote B…');
      await expect(app.dialog().getByRole('button', { name: /^Promote to/ })).toBeVisible();
    },
  },
  {
    name: 'promote-blocked',
    at: 'compare?a=production&b=HEAD~4',
    then: async (app) => {
      await button(app, 'Promote B…');
      await expect(app.dialog().getByRole('button', { name: /override/ })).toBeVisible();
    },
  },
  { name: 'environments', at: 'environments' },
  { name: 'environments-none', at: 'environments', template: 'bare-of-models' },
  { name: 'environment', at: 'environments/staging' },
  {
    name: 'rollback',
    at: 'environments',
    then: async (app) => {
      await button(app, /^Roll back staging/);
      await expect(app.dialog().getByRole('button', { name: /^Roll back/ })).toBeVisible();
    },
  },
  { name: 'audit', at: 'audit' },
  { name: 'audit-empty', at: 'audit', template: 'bare-of-models' },
  {
    name: 'palette',
    at: 'history',
    then: async (app) => {
      await app.page.keyboard.press('Control+k');
      await expect(app.dialog()).toBeVisible();
    },
  },
  {
    name: 'keys',
    at: 'history',
    then: async (app) => {
      await app.page.keyboard.press('?');
      await expect(app.dialog()).toBeVisible();
    },
  },
];

// Eleven looks at one screen take a while on a busy machine.
test.describe.configure({ timeout: 180_000 });

for (const screen of SCREENS) {
  test(`the screen ${screen.name}`, async ({ app, repository }) => {
    const repo = await app.remember(await repository(screen.template ?? 'deployed'));
    await app.open(screen.at.startsWith('#') ? screen.at : `#/r/${repo}/${screen.at}`);
    await screen.then?.(app, repo);
    await look(app, screen.name);
  });
}

test('the screen home-first, before anything was opened', async ({ app }) => {
  await app.open();
  await expect(app.page.getByRole('heading', { name: 'Keelmark' })).toBeVisible();
  await look(app, 'home-first');
});

test('the screen home-folder, with a folder looked at', async ({ app, repository }) => {
  const folder = await repository('deployed');
  await app.open();
  await app.pick(folder);
  await button(app, 'Choose folder…');
  await expect(app.page.getByRole('main').getByText(/^Found:/)).toBeVisible();
  await look(app, 'home-folder');
});

test('the screen lost, of a repository that is gone', async ({ app, repository, world }) => {
  const folder = await repository('bare-of-models');
  const repo = await app.remember(folder);
  await world.answer('rm', ['-rf', folder]);
  await app.open(`#/r/${repo}/history`);
  await expect(app.page.getByRole('button', { name: 'Forget' })).toBeVisible();
  await look(app, 'lost');
});

test('the screen run-live, while a training goes on', async ({ app, repository }) => {
  const repo = await app.remember(await repository('sample'));
  const { runs } = await app.server.call('start_training', {
    repo,
    model: null,
    revision: 'HEAD',
    seed: null,
    seeds: 1,
    overrides: { 'train.epochs': '5000' },
    threads: 1,
  });
  await app.open(`#/r/${repo}/runs`);
  await expect(app.page.getByText(/Epoch \d+ of 5,?000/)).toBeVisible();
  await look(app, 'runs-live');
  await app.go(`#/r/${repo}/runs/${runs[0]}`);
  await expect(app.page.getByRole('button', { name: 'Stop now' })).toBeVisible();
  await look(app, 'run-live');
});
