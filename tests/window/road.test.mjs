// The whole road in the real window: a sample, a comparison, a promotion and its rollback, a training, a new start.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { processesOf } from './support/processes.mjs';
import { until } from './support/webdriver.mjs';
import { keep, step, World } from './support/world.mjs';

/** The sample trains twelve versions. */
const LONG = { timeout: 300_000 };
const SAMPLE = 'keelmark/clones/digits';

let world;
let app;

before(async () => {
  world = new World();
  app = await world.open();
});
after(() => world?.end());

const test = (name, work) => step(name, () => app, work);
const longStep = (name, work) => step(name, () => app, work, LONG);
const path = async () => decodeURIComponent(await app.url()).split('#')[1];
/** Goes to a view of the open repository, as its link in the rail does. */
const go = async (view) => {
  await app.press(view, { role: 'link' });
  await until(`the view ${view}`, async () => (await path()).includes(`/${view.toLowerCase()}`));
};
const ask = (name, args) =>
  app.run((name, args) => window.__TAURI_INTERNALS__.invoke('call', { name, args }), name, args);
const drawn = () =>
  until('the chart', () => app.run(() => document.querySelector('figure.chart .picture svg') !== null));
const repo = async () => (await ask('repositories', {}))[0].repo;
const desired = async (name) => {
  const { environments } = await ask('environments', { repo: await repo(), model: null });
  return environments.find(({ environment }) => environment === name)?.desired?.deployment.release;
};

longStep('a sample is made, and its end leads to its history', async () => {
  await app.press('Make the sample');
  await until('progress', () => app.run(() => document.querySelector('[role=progressbar]') !== null));
  await keep(app, 'sample-on-its-way');
  await until('the history', async () => (await path()).includes('/history'), LONG);
  await until('twelve versions', () =>
    app.run(() => document.querySelectorAll('[role=grid] [role=row]').length >= 13),
  );
  await drawn();
  await keep(app, 'history');
});

test('two versions are compared until their difference is understood', async () => {
  await app.press('Compare the last two');
  await app.sees('Promote B…');
  await app.sees('no clear change');
  await keep(app, 'compare');
});

test('the better one is promoted in three actions at most', async () => {
  const before = await world.git(SAMPLE, 'for-each-ref', 'refs/heads/keelmark/deploy');
  assert.equal(before, '', 'nothing was promoted yet');
  await app.press('Promote B…');
  await app.sees('Promote to staging');
  await keep(app, 'promote');
  await app.press('Promote to staging');
  await app.sees('promoted to staging');
  assert.match(
    await world.git(SAMPLE, 'log', '-1', '--format=%B', 'keelmark/deploy'),
    /^Environment: staging$/m,
  );
});

test('what another program promotes is seen, and rolled back in two actions', async () => {
  const first = await desired('staging');
  await world.keelmark(
    '-C',
    world.path(SAMPLE),
    'promote',
    'HEAD~1',
    '--to',
    'staging',
    '--override',
    'A test goes back in time',
  );
  await go('Environments');
  const second = await desired('staging');
  assert.notEqual(second, first);
  await app.sees(second);
  await keep(app, 'environments');
  await app.press('Roll back staging…');
  await app.press(`Roll back staging to ${first}`);
  await app.sees(`desires digits ${first} again`);
  assert.equal(await desired('staging'), first);
});

const points = () => app.run(() => /of ([\d,]+) points/.exec(document.body.innerText)?.[1]);
/** Starts a training that would take minutes, and waits for its curve. */
async function train() {
  await go('Runs');
  await app.press('Start training…');
  await app.write('epochs', '2000');
  await app.press('Start', { role: 'button' });
  await until('its page', async () => (await path()).includes('/runs/'));
  return until('a curve', points, LONG);
}

longStep('a training is followed live, and stops when asked', async () => {
  const early = await train();
  await until('a longer curve', async () => (await points()) !== early);
  await keep(app, 'training');
  await app.press('Stop', { role: 'button' });
  await app.sees('This run was stopped', LONG);
});

test('after a new start all of it is there', async () => {
  const release = await desired('staging');
  const runs = (await ask('runs', { repo: await repo(), model: null })).length;
  await app.close();
  app = await world.open();
  await app.press('digits');
  await until('the history', async () => (await path()).includes('/history'));
  assert.equal(await desired('staging'), release);
  assert.equal((await ask('runs', { repo: await repo(), model: null })).length, runs);
  await app.sees('staging');
  await drawn();
  await keep(app, 'reopened');
});

longStep('after a power cut a training is found failed, and what can be done is said', async () => {
  await train();
  const run = (await path()).split('/runs/')[1].split('?')[0];
  const gone = [app.program, ...processesOf(world.program('keelmark'))];
  assert.ok(gone.length > 1, 'something trains');
  for (const pid of gone) process.kill(pid, 'SIGKILL');
  await app.close();
  app = await world.open();
  await app.press('digits');
  await until('the history', async () => (await path()).includes('/history'));
  const found = async () =>
    (await ask('runs', { repo: await repo(), model: null })).find((one) => one.run === run);
  await until('its end', async () => (await found())?.status === 'failed', LONG);
  await go('Runs');
  await app.sees('Failed');
  await keep(app, 'after-a-power-cut');
  await go('History');
});

test('what a repository calls its things is only ever text', async () => {
  const hostile = '<img src=x onerror="window.ran=1"><script>window.ran=2</script> \u202Etxt.exe';
  await world.git(SAMPLE, 'commit', '--quiet', '--allow-empty', '--message', hostile);
  await world.git(SAMPLE, 'branch', '<svg/onload=window.ran=3>');
  await app.sees('<img src=x onerror=');
  for (const view of ['Runs', 'Compare', 'Environments', 'Audit', 'History']) {
    await go(view);
    await app.run(() => new Promise((done) => setTimeout(done, 500)));
  }
  assert.equal(await app.run(() => window.ran ?? 0), 0, 'nothing of it ran');
  assert.ok(
    !(await app.text()).includes('\u202E'),
    'what turns the direction of text is shown as what it is',
  );
  await keep(app, 'hostile');
});
