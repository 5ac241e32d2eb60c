// Finished repositories, made once by the real program and copied for each test.

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostile } from './hostile';
import { keelmark, root, target } from './places';
import { World } from './world';

export type Template = 'sample' | 'deployed' | 'hostile' | 'broken' | 'bare-of-models' | 'empty' | Others;
/** Made by other tools. */
export type Others = 'dvc' | 'gto' | 'mlflow' | 'live';

/** Makes a repository in the folder `name` of a world; `done` has those before it in the list. */
type Recipe = (world: World, folder: string, done: (template: Template) => string) => Promise<void>;

const RECIPES: Record<Template, Recipe> = {
  /** Twelve versions of a digits model, a run of each. */
  sample: async (world, folder) => {
    await world.keelmark(world.path, ['init', folder, '--sample', 'digits']);
  },
  /** The sample, with releases in both environments and a rollback. */
  deployed: async (world, folder, done) => {
    await world.git(world.path, ['clone', '--quiet', '--mirror', done('sample'), `${folder}/.git`]);
    await world.git(`${folder}/.git`, ['config', '--bool', 'core.bare', 'false']);
    await world.git(`${folder}/.git`, ['remote', 'remove', 'origin']);
    await world.git(folder, ['reset', '--quiet', '--hard']);
    const promote = (version: string, to: string, ...more: string[]): Promise<unknown> =>
      world.keelmark(folder, ['promote', version, '--to', to, ...more]);
    await promote('HEAD~5', 'staging');
    await promote('HEAD~5', 'production');
    await promote('HEAD~2', 'staging');
    await promote('HEAD~2', 'production');
    await promote('HEAD~1', 'staging');
    await world.keelmark(folder, ['rollback', 'staging']);
  },
  hostile: (world, folder) => hostile(world, folder),
  /** A model.yaml that cannot be accepted on top of a sound version, and a run whose record is damaged. */
  broken: async (world, folder) => {
    await small(world, folder);
    const run = (await world.keelmark(folder, ['train'])).run as string;
    const month = (
      await world.git(folder, ['for-each-ref', '--format=%(refname)', `refs/keelmark/runs/*/${run}`])
    ).trim();
    const tree = await world.git(folder, ['rev-parse', `${month}:run.json`]);
    world.write(
      'broken/model.yaml',
      readFileSync(join(folder, 'model.yaml'), 'utf8') + 'shape_of_things: unknown\n',
    );
    await commit(world, folder, 'Declare something nobody knows');
    rmSync(join(folder, '.git/objects', tree.slice(0, 2), tree.slice(2)));
  },
  'bare-of-models': async (world, folder) => {
    await start(world, folder);
    world.write('bare-of-models/README.md', '# Notes\n');
    await commit(world, folder, 'Write down what this is about');
    world.write('bare-of-models/metrics.json', '{"accuracy": 0.91}\n');
    await commit(world, folder, 'Measure once');
  },
  empty: (world, folder) => start(world, folder),
  /** As DVC itself made it. */
  dvc: async (world, folder) => {
    const bundle = join(root, 'tests/fixtures/others/dvc.bundle');
    await world.git(world.path, ['clone', '--quiet', bundle, folder]);
    // A clone brings no experiments.
    await world.git(folder, ['fetch', '--quiet', bundle, 'refs/exps/*:refs/exps/*']);
  },
  /** As GTO itself made it. */
  gto: async (world, folder) => {
    const bundle = join(root, 'tests/fixtures/others/gto.bundle');
    await world.git(world.path, ['clone', '--quiet', bundle, folder]);
  },
  /** Runs as MLflow wrote them, one of them of this repository's newest version. */
  mlflow: async (world, folder) => {
    await start(world, folder);
    world.write('mlflow/.gitignore', 'mlruns\n');
    world.write('mlflow/params.yaml', 'depth: 3\ncountry: NO\nrelease: "1.10"\n');
    await commit(world, folder, 'Begin');
    world.write('mlflow/params.yaml', 'depth: 4\ncountry: NO\nrelease: "1.10"\n');
    const newest = await commit(world, folder, 'Go deeper');
    cpSync(join(root, 'tests/fixtures/others/mlruns'), join(folder, 'mlruns'), {
      recursive: true,
    });
    world.write(
      'mlflow/mlruns/896984555559378330/804c50268c894dd5acac777cefc249be/tags/mlflow.source.git.commit',
      newest.trim(),
    );
  },
  /** What DVCLive writes, in two versions. */
  live: async (world, folder) => {
    await start(world, folder);
    for (const [at, subject] of ['Train', 'Train longer'].entries()) {
      const rows = Array.from({ length: 20 + 10 * at }, (_, step) => `${step}\t${1 / (step + 1 + at)}\n`);
      world.write('live/dvclive/plots/metrics/train/loss.tsv', `step\tloss\n${rows.join('')}`);
      world.write('live/dvclive/metrics.json', JSON.stringify({ train: { loss: 1 / (20 + 11 * at) } }));
      world.write('live/dvclive/params.yaml', `epochs: ${20 + 10 * at}\nlr: 0.1\n`);
      const image = readFileSync(join(root, at === 0 ? 'icons/32x32.png' : 'icons/128x128.png'));
      world.write('live/dvclive/plots/images/confusion.png', image);
      await commit(world, folder, subject);
    }
  },
};

/** A repository with nothing in it. */
export async function start(world: World, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await world.git(folder, ['init', '--quiet', '--initial-branch=main']);
}

export async function commit(world: World, folder: string, subject: string): Promise<string> {
  await world.git(folder, ['add', '--all']);
  await world.git(folder, ['commit', '--quiet', '--allow-empty', '--message', subject]);
  return world.git(folder, ['rev-parse', 'HEAD']);
}

const POINTS = (rows: number, odd: number): string =>
  `row_id,width,length,label\n${Array.from({ length: rows }, (_, row) => {
    const kind = row % 3;
    const wobble = (times: number): number => (((row * times + odd) % 17) - 8) / 10;
    return `r${row},${([-2, 2, 0][kind] ?? 0) + wobble(7)},${([-1, -1, 2][kind] ?? 0) + wobble(5)},${'abc'[kind]}\n`;
  }).join('')}`;

/** A linear model over three clouds of points, which trains in a blink. */
export async function small(world: World, folder: string): Promise<void> {
  await start(world, folder);
  const name = folder.slice(world.path.length + 1);
  world.write(`${name}/data/train.csv`, POINTS(120, 3));
  world.write(`${name}/data/test.csv`, POINTS(90, 5));
  world.write(
    `${name}/model.yaml`,
    `keelmark: 1
name: clouds
task: classification
data:
  train: {path: data/train.csv, id: row_id}
  validation: {split_from: train, ratio: 0.2, seed: 1}
  test: {path: data/test.csv, id: row_id}
  target: label
model: {preset: linear}
train: {epochs: 8, batch_size: 16, optimizer: {adamw: {lr: 0.05}}, seed: 7}
evaluate: {metrics: [accuracy, log_loss]}
gates: [{metric: accuracy, at_least: 0.5}]
environments: {staging: {}, production: {after: staging}}
`,
  );
  await world.keelmark(folder, ['data', 'add', 'data/train.csv']);
  await world.keelmark(folder, ['data', 'add', 'data/test.csv']);
  await commit(world, folder, 'Tell three clouds apart');
}

/** Templates are kept between runs for as long as the program and the recipes are the same. */
function shelf(): string {
  const { mtimeMs, size } = statSync(keelmark);
  const key = createHash('sha256').update(`${mtimeMs} ${size}`);
  for (const file of ['templates.ts', 'hostile.ts', 'world.ts'])
    key.update(readFileSync(join(__dirname, file)));
  return join(target, 'browser-templates', key.digest('hex').slice(0, 16));
}

/** The folder of a finished repository. Workers hear where it is: the program may be built anew under them. */
export function templates(template: Template): string {
  return join(process.env.KEELMARK_TEMPLATES ?? shelf(), template);
}

/** Makes what is not there yet. */
export async function makeTemplates(): Promise<void> {
  const folder = shelf();
  process.env.KEELMARK_TEMPLATES = folder;
  if (existsSync(folder)) return;
  rmSync(join(target, 'browser-templates'), { recursive: true, force: true });
  const world = new World();
  try {
    for (const [name, recipe] of Object.entries(RECIPES)) {
      await recipe(world, world.at(name), (template) => world.at(template));
    }
    mkdirSync(`${folder}.part`, { recursive: true });
    for (const name of Object.keys(RECIPES)) {
      const copy = await world.answer('cp', ['-a', world.at(name), join(`${folder}.part`, name)]);
      if (copy.code !== 0) throw new Error(copy.stderr);
    }
    renameSync(`${folder}.part`, folder);
  } finally {
    world.end();
  }
}
