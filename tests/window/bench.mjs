// How soon the window can be used, and what memory it holds: `cargo xtask bench app`.
import { spawn } from 'node:child_process';
import { began, heldBytes, tree } from './support/processes.mjs';
import { pause, until } from './support/webdriver.mjs';
import { World } from './support/world.mjs';

const TIMES = 5;
/** What must hold and what we aim at. */
const USABLE = { must: 1000, goal: 500 };
const MEMORY = { must: 260, goal: 230 };

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const world = new World();
try {
  await world.keelmark('init', world.path('digits'), '--sample', 'digits');

  /** Opens the sample and says when it was painted and when its history could be used, from the program's start. */
  const open = async () => {
    const app = await world.open(world.path('digits'));
    const times = await until('the history', () =>
      app.run(() => {
        const usable = performance.getEntriesByName('keelmark:usable')[0];
        const paint = performance.getEntriesByName('first-contentful-paint')[0];
        return (
          usable && { origin: performance.timeOrigin, paint: paint?.startTime, usable: usable.startTime }
        );
      }),
    );
    const start = began(app.program);
    await app.close();
    return { paint: times.origin + times.paint - start, usable: times.origin + times.usable - start };
  };

  /** The memory of a window that nobody drives, and that has come to rest. */
  const rest = async () => {
    const app = spawn(world.program('keelmark-desktop'), [world.path('digits')], {
      env: world.env,
      stdio: 'ignore',
    });
    await pause(10_000);
    const bytes = heldBytes(tree(app.pid));
    const ended = new Promise((done) => app.once('exit', done));
    app.kill();
    await ended;
    return bytes / 1e6;
  };

  await open(); // the first start makes the index and warms what the system caches
  const times = [];
  const memory = [];
  for (let turn = 0; turn < TIMES; turn += 1) times.push(await open());
  for (let turn = 0; turn < TIMES; turn += 1) memory.push(await rest());

  const row = (what, value, unit, { must, goal } = {}) => {
    const figures = must
      ? `must ${must}, goal ${goal}: ${value <= goal ? 'goal' : value <= must ? 'met' : 'MISSED'}`
      : '';
    console.log(`${what.padEnd(34)}${String(Math.round(value)).padStart(6)} ${unit.padEnd(4)}${figures}`);
  };
  console.log(`\nmedian of ${TIMES}, release build, the sample open`);
  row('first paint after the start', median(times.map(({ paint }) => paint)), 'ms');
  row('usable after the start', median(times.map(({ usable }) => usable)), 'ms', USABLE);
  row('memory at rest (PSS, all processes)', median(memory), 'MB', MEMORY);
} finally {
  await world.end();
}
