// A repository that other tools made, as it is: looked at, opened, charted, compared, and nothing written.

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
  await page.getByRole('tab', { name: /^Config/ }).click();
  await expect(page.getByRole('tabpanel')).toContainText('model.lr');
  expect(await world.answer('sh', ['-c', 'find . -type f | sort | xargs sha256sum'], folder)).toEqual(files);
});
