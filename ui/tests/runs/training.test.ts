import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import TrainingDialog from '$features/runs/TrainingDialog.svelte';
import { forgetAnswers } from '$states/query.svelte';
import { fakeHost, problem } from '../support/host';
import { app, form, history, metrics, repository } from './answers';

const repo = 'r1';

function host(more: Parameters<typeof fakeHost>[0] = {}) {
  return fakeHost({
    app,
    repository,
    metrics,
    history,
    training_form: form,
    start_training: { runs: ['01NEW'] },
    ...more,
  });
}

function show(more: Record<string, unknown> = {}) {
  const onstarted = vi.fn();
  render(TrainingDialog, { repo, model: null, open: true, onclose: vi.fn(), onstarted, ...more });
  return onstarted;
}

/** The words in the dialog's foot that say what will run. */
const what = () => page.getByText(/^What will run: /);
const setting = (name: string) => page.getByRole('group', { name, exact: true });
const box = (name: string) => setting(name).getByRole('textbox');
const start = () => page.getByRole('button', { name: /^Start( \d+ runs)?$/ });

beforeEach(() => forgetAnswers());

describe('the dialog that starts a training', () => {
  it('shows what will run and starts it as the manifest has it', async () => {
    const fake = host();
    const onstarted = show();
    await expect
      .element(what())
      .toHaveTextContent(/digits at 6507ba0d “Train for 20 epochs from a higher rate”; one run with seed 7/);
    await start().click();
    await vi.waitFor(() => expect(onstarted).toHaveBeenCalledWith(['01NEW']));
    expect(fake.asked.find((one) => one.name === 'start_training')?.args).toEqual({
      repo,
      model: null,
      revision: null,
      seed: null,
      seeds: 1,
      overrides: {},
      threads: null,
    });
  });

  it('asks for what was changed, and only for that', async () => {
    const fake = host();
    show();
    await box('epochs').fill('5');
    await box('optimizer.adamw.lr').fill('3e-3');
    await expect.element(page.getByText('1 changed')).toBeVisible();
    await expect.element(setting('epochs').getByText('was 20')).toBeVisible();
    await page.getByRole('spinbutton', { name: 'How many runs' }).fill('3');
    await page.getByRole('spinbutton', { name: 'Seed' }).fill('40');
    await expect.element(what()).toHaveTextContent(/3 runs with seeds 40 to 42; changed: train.epochs = 5/);
    await start().click();
    await vi.waitFor(() => expect(fake.count('start_training')).toBe(1));
    expect(fake.asked.at(-1)?.args).toMatchObject({ seed: 40, seeds: 3, overrides: { 'train.epochs': '5' } });
  });

  it('says what is wrong with a value and does not start', async () => {
    host();
    show();
    await box('epochs').fill('many');
    await expect.element(page.getByText('A whole number.')).toBeVisible();
    await expect.element(start()).toBeDisabled();
    await page.getByRole('button', { name: 'Reset epochs' }).click();
    await expect.element(start()).toBeEnabled();
    await page.getByRole('spinbutton', { name: 'How many runs' }).fill('0');
    await expect.element(page.getByText('1 to 64.')).toBeVisible();
    await expect.element(start()).toBeDisabled();
  });

  it('takes settings that the manifest leaves out', async () => {
    const fake = host();
    show();
    await page.getByRole('textbox', { name: 'Key' }).fill('train.early_stopping.patience');
    await page.getByRole('textbox', { name: 'Value' }).fill('3');
    await page.getByRole('button', { name: 'Add' }).click();
    await expect.element(page.getByText('train.early_stopping.patience = 3', { exact: true })).toBeVisible();
    await start().click();
    await vi.waitFor(() => expect(fake.count('start_training')).toBe(1));
    expect(fake.asked.at(-1)?.args).toMatchObject({ overrides: { 'train.early_stopping.patience': '3' } });
  });

  it('warns that a run of uncommitted changes is never promoted', async () => {
    host({ repository: { ...repository, changed_files: 2 }, training_form: { ...form, dirty: true } });
    show();
    await expect.element(page.getByText(/never promoted/)).toBeVisible();
    await expect.element(page.getByText('HEAD with 2 changes uncommitted')).toBeVisible();
    await expect.element(what()).toHaveTextContent(/with what is not committed/);
  });

  it('trains a branch, a tag or a commit that is named', async () => {
    const fake = host({ repository: { ...repository, branches: ['main', 'wide'] } });
    show();
    await page.getByRole('combobox', { name: 'Version' }).click();
    await page.getByRole('combobox', { name: 'Version' }).fill('wide');
    await page.getByRole('option', { name: /wide/ }).click();
    await vi.waitFor(() =>
      expect(fake.asked.filter((one) => one.name === 'training_form').at(-1)?.args).toMatchObject({
        revision: 'wide',
      }),
    );
    await start().click();
    await vi.waitFor(() => expect(fake.count('start_training')).toBe(1));
    expect(fake.asked.at(-1)?.args).toMatchObject({ revision: 'wide' });
  });

  it('begins with what a run was asked, to train it again', async () => {
    const fake = host();
    show({
      asked: { revision: '6507ba0d', seed: 9, overrides: { 'train.epochs': '3', 'train.other': '1' } },
    });
    await expect.element(box('epochs')).toHaveValue('3');
    await expect.element(page.getByText('2 changed')).toBeVisible();
    await start().click();
    await vi.waitFor(() => expect(fake.count('start_training')).toBe(1));
    expect(fake.asked.at(-1)?.args).toMatchObject({
      revision: '6507ba0d',
      seed: 9,
      overrides: { 'train.epochs': '3', 'train.other': '1' },
    });
  });

  it('keeps a refusal in place, with all that was written', async () => {
    host({
      start_training: () => {
        throw problem('invalid_data', 'data/train.csv does not match its pin');
      },
    });
    const onstarted = show();
    await box('epochs').fill('5');
    await start().click();
    await expect.element(page.getByText('data/train.csv does not match its pin')).toBeVisible();
    await expect.element(box('epochs')).toHaveValue('5');
    expect(onstarted).not.toHaveBeenCalled();
  });

  it('starts nothing where the program that trains is missing', async () => {
    host({ app: { ...app, worker: null } });
    show();
    await expect.element(page.getByText('The program that trains is missing.')).toBeVisible();
    await expect.element(start()).toBeDisabled();
  });

  it('starts with Enter', async () => {
    const fake = host();
    show();
    await box('epochs').fill('5');
    await userEvent.keyboard('{Enter}');
    await vi.waitFor(() => expect(fake.count('start_training')).toBe(1));
  });
});
