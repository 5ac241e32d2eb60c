// The window itself: that it opens, what its pages may do, and what they may not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keep, World } from './support/world.mjs';
import { until } from './support/webdriver.mjs';

let world;
let app;

before(async () => {
  world = new World();
  app = await world.open();
});
after(() => world?.end());

/** Lines the page wrote to the console that tell of something wrong. That a view is fetched early is not. */
const complaints = () =>
  app.lines.filter((line) => /^CONSOLE .*(ERROR|WARN)/.test(line) && !line.includes('was preloaded'));

test('the window opens on Home with nothing to complain of', async () => {
  await app.sees('Keelmark');
  assert.match(await app.title(), /Keelmark/);
  await until('the three doors', () =>
    app.run(() => document.querySelectorAll('main button, main a').length >= 3),
  );
  await keep(app, 'home');
  assert.deepEqual(complaints(), []);
});

test('what is written to the console would be seen', async () => {
  await app.run(() => console.error('seen by the test'));
  await until('the line', () => complaints().some((line) => line.includes('seen by the test')));
});

test('scripts come from our own files alone', async () => {
  const ran = await app.run(() => {
    window.ran = [];
    const script = document.createElement('script');
    script.textContent = "window.ran.push('inline script')";
    document.body.append(script);
    const image = document.createElement('div');
    image.innerHTML = `<img src="data:," onerror="window.ran.push('inline handler')">`;
    document.body.append(image);
    for (const make of [() => eval('1'), () => new Function('return 1')()]) {
      try {
        make();
        window.ran.push(String(make));
      } catch {
        // as it should be
      }
    }
    return new Promise((done) => setTimeout(() => done(window.ran), 300));
  });
  assert.deepEqual(ran, []);
});

test('nothing is asked of the network', async () => {
  const refused = await app.run(async () => {
    const blocked = [];
    document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    await fetch('http://127.0.0.1:9/').catch(() => undefined);
    const image = new Image();
    image.src = 'https://example.org/pixel.png';
    const frame = document.createElement('iframe');
    frame.src = 'https://example.org/';
    document.body.append(frame);
    await new Promise((done) => setTimeout(done, 300));
    frame.remove();
    return [...new Set(blocked)].map((name) => name.replace('-elem', '')).sort();
  });
  for (const directive of ['connect-src', 'frame-src', 'img-src']) {
    assert.ok(refused.includes(directive), `${directive} is refused: ${refused}`);
  }
});

test('a link leads nowhere else, and opens no window', async () => {
  const before = await app.url();
  const opened = await app.run(() => {
    const link = document.createElement('a');
    link.href = 'https://example.org/';
    document.body.append(link);
    link.click();
    location.assign('https://example.org/');
    return window.open('https://example.org/') !== null;
  });
  assert.equal(opened, false, 'no window was opened');
  await app.run(() => new Promise((done) => setTimeout(done, 500)));
  assert.equal(await app.url(), before);
  assert.equal((await app.windows()).length, 1);
  await app.sees('Keelmark');
});

test('a page may ask for our own commands alone', async () => {
  const invoke = (command, args) =>
    app.run((command, args) => window.__TAURI_INTERNALS__.invoke(command, args), command, args ?? {});
  const info = await invoke('call', { name: 'app', args: {} });
  assert.equal(info.worker, world.program('keelmark'), 'jobs run in the program beside the window');
  assert.ok(info.paths.state.startsWith(world.folder));
  const others = [
    'plugin:app|version',
    'plugin:event|listen',
    'plugin:window|close',
    'plugin:webview|create_webview',
    'plugin:window-state|filename',
  ];
  for (const command of [...others, 'eval', 'exit']) {
    await assert.rejects(invoke(command), /not allowed|not found/, `${command} is refused`);
  }
  await assert.rejects(invoke('call', { name: 'no_such_command', args: {} }), /./);
  assert.equal(await app.run(() => '__TAURI__' in window), false, 'no global is offered to scripts');
});

test('prototypes cannot be bent', async () => {
  const bent = await app.run(() => {
    try {
      Object.prototype.bent = 'yes';
    } catch {
      // as it should be, in strict code
    }
    return {}.bent ?? 'no';
  });
  assert.equal(bent, 'no');
});

test('a second start hands over its folder and ends', async () => {
  await world.keelmark('init', world.path('digits'), '--sample', 'digits');
  const { stderr } = await world.startAgain(world.path('digits'));
  assert.equal(stderr, '');
  await until('the history', async () => (await app.url()).includes('/history'));
  await keep(app, 'handed-over');
});

test('a long message arrives whole', async () => {
  const files = Array.from({ length: 200 }, (_, number) =>
    world.path(`predictions-${'x'.repeat(80)}-${number}.csv`),
  );
  await world.startAgain(...files);
  await until('the files', async () => decodeURIComponent(await app.url()).includes(files[1]));
});

test('a further window shares what is open', async () => {
  await world.startAgain('--new-window');
  const [first, second] = await until('a second window', async () => {
    const windows = await app.windows();
    return windows.length === 2 && windows;
  });
  await app.switchTo(second);
  await app.sees('digits');
  await app.switchTo(first);
});
