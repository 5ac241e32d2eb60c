// A repository that other tools made, as it is: looked at, opened, charted, compared, and nothing written.

import { accessible } from './support/axe';
import { expect, test } from './support/test';

test('a DVC repository reaches its first comparison in at most six actions', async ({
  app,
  page,
  repository,
  world,
}) => {
  const folder = await repository('dvc');
  const files = await world.answer('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], folder);
  await app.open();
  await app.pick(folder);
  await app.click(page.getByRole('button', { name: 'Choose folder…' }));
  await expect(page.getByRole('main').getByText(/^Found: .*DVC.*Nothing will be written\.$/)).toBeVisible();
  await app.press('Enter');
  await expect(page).toHaveURL(/\/history/);
  const versions = page.getByRole('grid', { name: 'Versions' });
  await expect(versions.getByRole('row', { name: /^Mend it/ })).toBeVisible();
  await expect(versions.getByRole('columnheader', { name: /acc\.top1/ })).toBeVisible();
  await app.click(versions.getByRole('checkbox', { name: /^Mark/ }).first());
  await app.click(versions.getByRole('checkbox', { name: /^Mark/ }).last());
  await app.press('c');
  await expect(page).toHaveURL(/\/compare\?/);
  await expect(page.getByText(/numbers that somebody wrote down/).first()).toBeVisible();
  expect(app.actions, 'from a cold start').toBeLessThanOrEqual(6);

  await page.getByRole('tab', { name: /^Metrics/ }).click();
  await expect(page.getByRole('tabpanel').getByRole('row', { name: /^score/ })).toContainText('0.875');
  await page.getByRole('tab', { name: /^Parameters/ }).click();
  await expect(page.getByRole('tabpanel')).toContainText('model.lr');
  expect(await world.answer('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], folder)).toEqual(files);
});

test('parameters stand beside metrics, as DVC keeps them, and what changed is marked', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('dvc'));
  const versions = page.getByRole('grid', { name: 'Versions' });
  await expect(versions.getByRole('columnheader', { name: /model\.lr/ })).toBeVisible();
  const tuned = versions.getByRole('row', { name: /^Tune it/ });
  await expect(tuned).toHaveAccessibleName(
    /model\.lr 0\.01, Changed since the version before: 0\.001 → 0\.01/,
  );
  await page.getByRole('main').getByRole('button', { name: 'Columns', exact: true }).click();
  const chooser = page.getByRole('group', {
    name: 'Parameters shown as columns',
  });
  await chooser.getByRole('button', { name: 'countries', exact: true }).click();
  await expect(tuned).toContainText('["us","NO","uk"]');
  await accessible(page, 'the history with parameters');
});

test('stages of GTO say that they are GTO’s, in the history and among environments', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('gto'));
  const versions = page.getByRole('grid', { name: 'Versions' });
  await expect(versions.getByText('digits-net#dev').first()).toBeVisible();
  await expect(
    versions.getByRole('row', { name: /is in stage dev, as tags of GTO say/ }).first(),
  ).toBeVisible();
  await accessible(page, 'the history with stages');
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  const stages = page.getByRole('region', { name: 'Stages by GTO’s tags' });
  await expect(stages.getByText(/Another tool’s word/)).toBeVisible();
  const row = stages.getByRole('row', { name: /digits-net.*dev/ }).first();
  await expect(row).toBeVisible();
  await expect(
    stages.getByRole('region', { name: 'Releases' }).getByText('deprecated').first(),
  ).toBeVisible();
  await accessible(page, 'environments with stages');
  await row.getByRole('button', { name: /^Compare digits-net#dev/ }).click();
  await expect(page).toHaveURL(/\/compare\?a=digits-net%23dev/);
});

test('runs of MLflow are listed, opened with their curves, and compared', async ({
  app,
  page,
  repository,
}) => {
  const folder = await repository('mlflow');
  await app.repository(folder);
  const versions = page.getByRole('grid', { name: 'Versions' });
  await expect(versions.getByRole('row', { name: /^Go deeper/ })).toHaveAccessibleName(/depth 4, Changed/);
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const list = page.getByRole('grid', { name: 'Runs that MLflow recorded' });
  const owl = list.getByRole('row', { name: /^careful-owl-1, Finished/ });
  await expect(owl).toContainText('Go deeper');
  const bee = list.getByRole('row', {
    name: /^unlucky-bee, Failed, Unknown commit/,
  });
  await expect(bee).toContainText('Unknown commit');
  await accessible(page, 'runs of MLflow');
  await owl.getByRole('link', { name: 'careful-owl-1' }).click();
  await expect(page.getByRole('heading', { name: 'MLflow run careful-owl-1' })).toBeVisible();
  await expect(
    page.getByRole('region', { name: 'Parameters' }).getByRole('row', { name: /batch-size/ }),
  ).toContainText('64');
  await expect(
    page.getByRole('region', { name: 'Metrics' }).getByRole('row', { name: /^nan/ }),
  ).toContainText('NaN');
  await expect(page.getByRole('region', { name: 'Curves' }).locator('svg .k-line').first()).toBeVisible();
  await accessible(page, 'a run of MLflow');
  await page.goBack();
  await owl.getByRole('checkbox').click();
  await bee.getByRole('checkbox').click();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('link', { name: 'MLflow run unlucky-bee' })).toBeVisible();
  await page.getByRole('tab', { name: /^Metrics/ }).click();
  await expect(page.getByRole('tabpanel').getByRole('row', { name: /^loss/ })).toContainText(
    'From MLflow, asserted',
  );
  await page.getByRole('tab', { name: /^Curves/ }).click();
  await expect(page.getByRole('tabpanel').locator("[data-label='A'] .k-line")).toBeVisible();
  await expect(page.getByRole('tabpanel').locator("[data-label='B'] .k-line")).toBeVisible();
  await page.getByRole('tab', { name: /^Parameters/ }).click();
  await expect(page.getByRole('tabpanel').getByRole('row', { name: /^lr/ })).toBeVisible();
  await accessible(page, 'a comparison of runs of MLflow');
});

test('experiments of DVC are listed and held against what they were tried on', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('dvc'));
  await expect(page.getByRole('grid', { name: 'Versions' })).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  const list = page.getByRole('grid', { name: 'Experiments of DVC' });
  await expect(list.getByRole('row')).toHaveCount(4);
  await list.getByRole('link').first().click();
  await expect(page).toHaveURL(/\/compare\?a=[0-9a-f]{40}&b=refs%2Fexps/);
  await expect(page.getByText(/numbers that somebody wrote down/).first()).toBeVisible();
});

test('curves of two versions lie over each other, and their images side by side', async ({
  app,
  page,
  repository,
}) => {
  await app.repository(await repository('live'));
  const versions = page.getByRole('grid', { name: 'Versions' });
  await versions.getByRole('checkbox', { name: /^Mark/ }).first().click();
  await versions.getByRole('checkbox', { name: /^Mark/ }).last().click();
  await page.keyboard.press('c');
  await page.getByRole('tab', { name: /^Curves/ }).click();
  await expect(page.getByRole('tabpanel').locator("[data-label='A'] .k-line")).toBeVisible();
  await expect(page.getByRole('tabpanel').locator("[data-label='B'] .k-line")).toBeVisible();
  await page.getByRole('tab', { name: /^Images/ }).click();
  const images = page.getByRole('tabpanel').getByRole('img');
  await expect(images).toHaveCount(2);
  await expect
    .poll(() => images.evaluateAll((all) => all.map((image) => (image as HTMLImageElement).naturalWidth)))
    .toEqual([32, 128]);
  await accessible(page, 'images side by side');
});
