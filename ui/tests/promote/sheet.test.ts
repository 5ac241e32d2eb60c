import { beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import type { PromotionAnswer, PromotionArgs } from '$generated/bindings';
import { PromoteSheet, RollbackSheet } from '$features/promote';
import { freshen, toasts } from '$states';
import { fakeHost, problem } from '../support/host';
import { before, history, NEWEST, promotions, repository } from './answers';

const REASON = 'Needed for the pilot on Monday; the drop is known';

type Answer = PromotionAnswer | ((args: PromotionArgs) => PromotionAnswer | Promise<PromotionAnswer>);

let repos = 0;

beforeEach(() => toasts.all.forEach((toast) => toasts.dismiss(toast.id)));

function open(preview: Answer, write: Answer, rest: Parameters<typeof fakeHost>[0] = {}) {
  // Answers are kept by repository: each test has its own.
  repos += 1;
  const repo = `r${repos}`;
  const host = fakeHost({
    repository,
    environments: before,
    history,
    preview_promotion: preview,
    promote: write,
    ...rest,
  });
  const onclose = vi.fn();
  const onpromoted = vi.fn();
  render(PromoteSheet, { repo, model: null, revision: NEWEST, run: null, open: true, onclose, onpromoted });
  return { host, onclose, onpromoted };
}

const asked = (host: ReturnType<typeof fakeHost>, name: string): PromotionArgs[] =>
  host.asked.filter((one) => one.name === name).map((one) => one.args as PromotionArgs);

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

describe('promoting', () => {
  it('shows everything that would be committed, and commits exactly that by one press', async () => {
    const done = { ...promotions.ready, dry_run: false, pushed: true };
    const { host, onclose, onpromoted } = open(promotions.ready, done);
    await expect.element(page.getByRole('radio', { name: /^staging/ })).toBeChecked();
    await expect.element(page.getByText('READY', { exact: true })).toBeVisible();
    await expect.element(page.getByText('Promote digits v1.1.0 to staging')).toBeVisible();
    await expect.element(page.getByText('digits#staging#2')).toBeInTheDocument();
    await expect.element(page.getByText(/none has reported yet/)).toBeInTheDocument();
    await expect.element(page.getByText('ada@example.org', { exact: false })).toBeInTheDocument();
    await button('Promote to staging').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalledWith(done));
    expect(onclose).toHaveBeenCalledOnce();
    expect(asked(host, 'promote')).toEqual([
      expect.objectContaining({
        to: 'staging',
        push: true,
        override_reason: null,
        expected: { commit: promotions.ready.commit, at: promotions.ready.at },
      }),
    ]);
    expect(toasts.all.at(-1)).toMatchObject({
      kind: 'ok',
      text: 'digits v1.1.0 promoted to staging',
      action: { label: 'Undo' },
    });
  });

  it('undoes by a rollback of that very commit, and of no other', async () => {
    const done = { ...promotions.ready, dry_run: false };
    const back = { ...promotions.rollback, parent: done.commit };
    const { host, onpromoted } = open(promotions.ready, done, { preview_rollback: back, rollback: back });
    await button('Promote to staging').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalled());
    toasts.all.at(-1)?.action?.run();
    await vi.waitFor(() => expect(host.count('rollback')).toBe(1));
    expect(host.asked.at(-1)?.args).toMatchObject({
      environment: 'staging',
      expected: { commit: back.commit, at: back.at },
    });

    const moved = { ...promotions.rollback, parent: 'somebody else' };
    const again = open(promotions.ready, done, { preview_rollback: moved, rollback: back });
    await button('Promote to staging').last().click();
    await vi.waitFor(() => expect(again.onpromoted).toHaveBeenCalled());
    toasts.all.at(-1)?.action?.run();
    await vi.waitFor(() => expect(toasts.all.at(-1)?.text).toBe('It cannot be undone from here any more.'));
    expect(again.host.count('rollback')).toBe(0);
  });

  it('offers no undo where nothing was there before', async () => {
    const { onpromoted } = open(promotions.first, { ...promotions.first, dry_run: false });
    await button('Promote to staging').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalled());
    expect(toasts.all.at(-1)?.action).toBeUndefined();
    expect(toasts.all.at(-1)?.link?.label).toBe('Environments');
  });

  it('says that a push waits, and shares on demand', async () => {
    const done = { ...promotions.ready, push_note: 'the remote did not answer' };
    const { host, onpromoted } = open(promotions.ready, done, { start_share: 'task-1' });
    await button('Promote to staging').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalled());
    const pending = toasts.all.find((toast) => toast.action?.label === 'Share now');
    expect(pending).toMatchObject({
      text: 'Not pushed yet: it waits here.',
      detail: 'the remote did not answer',
    });
    pending?.action?.run();
    await vi.waitFor(() => expect(host.count('start_share')).toBe(1));
  });

  it('asks for a reason, and commits only the preview that carries it', async () => {
    const preview = ({ override_reason }: PromotionArgs): PromotionAnswer =>
      override_reason === null
        ? promotions.blocked
        : { ...promotions.override, message: promotions.override.message.replace(REASON, override_reason) };
    const { host, onpromoted } = open(preview, { ...promotions.override, dry_run: false });
    await expect.element(page.getByText('BLOCKED', { exact: true })).toBeVisible();
    const field = page.getByRole('textbox', { name: 'Reason for the override' });
    await button('Promote with override…').click();
    await expect.element(field).toHaveFocus();
    await expect.element(page.getByText('10 more characters at least.')).toBeVisible();
    expect(host.count('promote')).toBe(0);
    await field.fill('too short');
    await expect.element(page.getByText('1 more character at least.')).toBeVisible();
    await field.fill(REASON);
    await expect.element(page.getByText('OVERRIDE', { exact: true })).toBeVisible();
    await button('Promote with override').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalled());
    expect(asked(host, 'promote')).toEqual([
      expect.objectContaining({
        override_reason: REASON,
        expected: { commit: promotions.override.commit, at: promotions.override.at },
      }),
    ]);
  });

  it('lets no override through where something is in the way', async () => {
    const obstacle = 'data/train.csv is in no version control';
    open({ ...promotions.blocked, overridable: false, obstacles: [obstacle] }, promotions.ready);
    await expect.element(page.getByText('No override lifts these.')).toBeVisible();
    await expect.element(page.getByText(obstacle)).toBeVisible();
    await expect.element(page.getByRole('textbox')).not.toBeInTheDocument();
    await expect.element(button(/^Promote/)).not.toBeInTheDocument();
  });

  it('shows again what differs where the branch moved, and goes on only when told', async () => {
    let tries = 0;
    const now: PromotionAnswer = {
      ...promotions.ready,
      commit: 'f'.repeat(40),
      parent: 'c216e131fb2520dd74a6a8358babbc67684ac6ab',
      release: 'v1.2.0',
      diff: promotions.ready.diff.replace('+release: v1.1.0', '+release: v1.2.0'),
    };
    const { host, onpromoted } = open(
      () => (tries === 0 ? promotions.ready : now),
      () => {
        tries += 1;
        if (tries === 1) throw problem('conflict', 'What staging would get is no longer what was shown');
        return now;
      },
    );
    await button('Promote to staging').click();
    await expect.element(page.getByRole('alert', { name: /Look again/ })).toBeVisible();
    await expect.element(page.getByRole('row', { name: /Release v1.1.0 v1.2.0/ })).toBeVisible();
    await expect.element(page.getByText('Not as shown before')).toBeInTheDocument();
    await expect.element(button('Promote to staging')).not.toBeInTheDocument();
    expect(host.count('promote')).toBe(1);
    await button('Look again').click();
    expect(host.count('promote')).toBe(1);
    await button('Promote to staging').click();
    await vi.waitFor(() => expect(onpromoted).toHaveBeenCalledWith(now));
    expect(asked(host, 'promote').at(-1)?.expected).toEqual({ commit: now.commit, at: now.at });
  });

  it('keeps what is wrong with a refused push on the page, with a way on', async () => {
    const { host } = open(promotions.ready, () => {
      throw problem('rejected', 'The remote refused the promotion: protected branch');
    });
    await button('Promote to staging').click();
    await expect.element(page.getByText(/protected branch/)).toBeVisible();
    await button('Commit here, do not push').click();
    await expect.element(page.getByRole('switch', { name: /Push to origin/ })).not.toBeChecked();
    await vi.waitFor(() => expect(asked(host, 'preview_promotion').at(-1)?.push).toBe(false));
  });

  it('goes on without a remote that does not answer', async () => {
    const { host } = open(
      ({ push }) => (push ? new Promise(() => undefined) : promotions.ready),
      promotions.ready,
    );
    await expect.element(page.getByText('Asking the remote where it stands…')).toBeVisible();
    await button('Do not ask it').click();
    await expect.element(button('Promote to staging')).toBeEnabled();
    expect(asked(host, 'preview_promotion').map((args) => args.push)).toEqual([true, false]);
  });

  it('says what was desired when the shown commit was worked out, whatever happened since', async () => {
    const { host } = open(promotions.ready, promotions.ready, {
      environments: { ...before, deploy_tip: promotions.ready.parent },
    });
    const release = page.getByRole('region', { name: 'Release' });
    await expect.element(release.getByText('v1.0.0')).toBeVisible();
    const moved = before.environments.map((state) => ({
      ...state,
      desired: state.desired && {
        ...state.desired,
        deployment: { ...state.desired.deployment, release: 'v7.0.0' },
      },
    }));
    host.answers.environments = { ...before, environments: moved, deploy_tip: 'somebody else' };
    freshen(null, ['environments']);
    await expect.element(page.getByText('Desires v7.0.0')).toBeVisible();
    await expect.element(release.getByText('v1.0.0')).toBeVisible();
    await expect.element(release.getByText('v7.0.0')).not.toBeInTheDocument();
  });

  it('asks who commits where Git does not know', async () => {
    let identity: typeof repository.identity = null;
    const { host } = open(promotions.ready, promotions.ready, {
      repository: () => ({ ...repository, identity }),
      set_identity: (args) => {
        identity = { name: args.name, email: args.email };
        return null;
      },
    });
    await button('Use these').click();
    await expect.element(page.getByText('A name is needed.')).toBeVisible();
    expect(host.count('preview_promotion')).toBe(0);
    await page.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('ada@example.org');
    await button('Use these').click();
    await expect.element(page.getByText('READY', { exact: true })).toBeVisible();
    await expect.element(button('Use these')).not.toBeInTheDocument();
  });

  it('has nothing to press where the environment has it already', async () => {
    open({ ...promotions.unchanged, environment: 'staging' }, promotions.ready);
    await expect.element(page.getByText('NOTHING TO DO')).toBeVisible();
    await expect.element(button(/^Promote/)).not.toBeInTheDocument();
  });

  it('closes by Escape, but not while it commits', async () => {
    let finish: (answer: PromotionAnswer) => void = () => undefined;
    const { onclose } = open(promotions.ready, () => new Promise((resolve) => (finish = resolve)));
    await button('Promote to staging').click();
    await userEvent.keyboard('{Escape}');
    expect(onclose).not.toHaveBeenCalled();
    finish(promotions.ready);
    await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
  });

  it('shows hostile text as text', async () => {
    const evil = '\u202egnp.exe <img src=x onerror="window.hacked = 1">';
    open(
      {
        ...promotions.ready,
        notes: [evil],
        diff: `diff --git a/${evil} b/${evil}\n--- a/x\n+++ b/${evil}\n@@ -0,0 +1 @@\n+${evil}\n`,
      },
      promotions.ready,
    );
    await expect.element(page.getByText('⟨U+202E⟩gnp.exe', { exact: false }).first()).toBeInTheDocument();
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('rolling back', () => {
  it('shows the commit that restores, and commits exactly that', async () => {
    const host = fakeHost({
      repository,
      environments: before,
      preview_rollback: promotions.rollback,
      rollback: { ...promotions.rollback, dry_run: false },
    });
    const onclose = vi.fn();
    render(RollbackSheet, {
      repo: 'rb1',
      model: null,
      environment: 'staging',
      to: null,
      open: true,
      onclose,
    });
    await expect.element(page.getByRole('heading', { name: 'Roll back staging' })).toBeVisible();
    await expect.element(page.getByText(/restores the very folder/)).toBeVisible();
    await button('Roll back staging to v1.1.0').click();
    await vi.waitFor(() => expect(onclose).toHaveBeenCalledOnce());
    expect(host.asked.at(-1)?.args).toMatchObject({
      environment: 'staging',
      to: null,
      expected: { commit: promotions.rollback.commit, at: promotions.rollback.at },
    });
    expect(toasts.all.at(-1)?.text).toBe('staging desires digits v1.1.0 again');
  });

  it('says where there is nothing to go back to', async () => {
    fakeHost({
      repository,
      environments: before,
      preview_rollback: () => {
        throw problem('unknown_revision', 'another release to go back to in staging was not found');
      },
    });
    render(RollbackSheet, {
      repo: 'rb2',
      model: null,
      environment: 'staging',
      to: null,
      open: true,
      onclose: vi.fn(),
    });
    await expect.element(page.getByText(/another release to go back to/)).toBeVisible();
    await expect.element(button(/^Roll back/)).not.toBeInTheDocument();
  });
});
