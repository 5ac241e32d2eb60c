// What is damaged or missing is told where it matters, and the rest goes on working.

import { expect, test } from './support/test';
import { commit } from './support/templates';

test('a model.yaml that cannot be accepted names its line, and older versions still show', async ({
  app,
  page,
  repository,
}) => {
  const repo = await app.repository(await repository('broken'));
  await expect(page.getByRole('row', { name: /^Declare something nobody knows/ })).toBeVisible();
  await expect(page.getByText(/shape_of_things/).first()).toBeVisible();
  await app.go(`#/r/${repo}/runs`);
  await expect(page.getByRole('main')).toContainText(/shape_of_things|could not be read|run\.json/);
  await app.go(`#/r/${repo}/compare`);
  await expect(page.getByRole('main')).toContainText(/\S/);
  await app.go(`#/r/${repo}/environments`);
  await expect(page.getByRole('main')).toContainText(/shape_of_things|No environment|staging/);
});

test('a run whose record is damaged does not hide the others', async ({ app, page, repository, world }) => {
  const folder = await repository('sample');
  const refs = await world.git(folder, ['for-each-ref', '--format=%(refname)', 'refs/keelmark/runs']);
  const ref = refs.split('\n')[4] ?? '';
  const blob = await world.git(folder, ['rev-parse', `${ref}:run.json`]);
  await world.answer('rm', [`${folder}/.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`]);
  await app.repository(folder, 'runs');
  await expect(page.getByRole('grid', { name: 'Runs' })).toHaveAttribute('aria-rowcount', '12');
  await expect(page.getByText(/run\.json|could not be read/).first()).toBeVisible();
});

test('a repository without a model shows what it has', async ({ app, page, repository }) => {
  const repo = await app.repository(await repository('bare-of-models'));
  await expect(page.getByText('No model is declared here')).toBeVisible();
  await expect(page.getByRole('row', { name: /^Measure once/ })).toContainText('91.0 %');
  await app.go(`#/r/${repo}/runs`);
  await expect(page.getByText('No model to train here')).toBeVisible();
  await app.go(`#/r/${repo}/environments`);
  await expect(page.getByText('No environment is declared')).toBeVisible();
  await app.go(`#/r/${repo}/audit`);
  await expect(page.getByText('Nothing was deployed yet')).toBeVisible();
});

test('an empty repository says what comes first', async ({ app, page, repository, world }) => {
  const folder = await repository('empty');
  const repo = await app.repository(folder);
  await expect(page.getByText('No versions yet')).toBeVisible();
  for (const view of ['runs', 'compare', 'environments', 'audit']) {
    await app.go(`#/r/${repo}/${view}`);
    await expect(page.getByRole('main')).toContainText(/\S/);
    await expect(page.getByRole('main').getByRole('alert')).toHaveCount(0);
  }
  await app.go(`#/r/${repo}/history`);
  world.write('empty/README.md', 'first\n');
  await commit(world, folder, 'Begin');
  await expect(page.getByRole('row', { name: /^Begin/ })).toBeVisible();
});

test('missing data stops a training with the file and the way to mend it', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('sample');
  await world.git(folder, ['rm', '--quiet', 'data/train.csv']);
  await world.git(folder, ['commit', '--quiet', '--message', 'Lose the data']);
  const repo = await app.repository(folder, 'runs');
  await page.getByRole('button', { name: 'Start training…' }).click();
  await app.dialog().getByRole('button', { name: 'Start', exact: true }).click();
  await expect(page.getByText(/data\/train\.csv/).first()).toBeVisible({ timeout: 30_000 });
  const runs = await app.server.call('runs', { repo, model: null });
  expect(runs.filter((run) => run.status === 'running')).toEqual([]);
});

test('unknown addresses lead somewhere', async ({ app, page, repository }) => {
  await app.open('#/no/such/view');
  await page.getByRole('main').getByRole('button').click();
  await expect(page).toHaveURL(/#\/$/);
  const repo = await app.remember(await repository('sample'));
  await app.go(`#/r/${repo}/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV`);
  await expect(page.getByRole('main')).toContainText(/No run|no run/);
  await app.go(`#/r/${repo}/compare?a=nothing&b=HEAD`);
  await expect(page.getByRole('main')).toContainText('nothing');
});

test('a problem leads to what helps, in words of the window', async ({ app, page, repository, world }) => {
  const folder = await repository('sample');
  await world.git(folder, ['commit', '--quiet', '--allow-empty', '--message', 'Nothing was trained here']);
  await app.repository(folder, 'compare', '?a=HEAD~1&b=HEAD');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('keelmark ');
  await page.getByRole('button', { name: 'Train…' }).first().click();
  await expect(app.dialog()).toBeVisible();
  await expect(page).toHaveURL(/history/);
  await expect(page).not.toHaveURL(/train=/);
});
