// A repository whose every name tries to be something else than text.

import type { World } from './world';

/** Would tell the guard, were it ever run. */
const CALL = "__hostile('ran')";

export const SCRIPT = `<script>${CALL}</script>`;
export const IMAGE = `<img src=x onerror="${CALL}">`;
export const BIDI = 'safe \u202Etxt.exe\u202C \u2066hidden\u2069';
export const CONTROL = 'bell \u0007 escape \u001B[31m';
export const LINK = `javascript:${CALL}`;
export const LONG = 'overlong'.repeat(1250);
export const EMOJI = '🧪👩🏽‍🔬 naïve Ωmega 模型';
export const RTL = 'نموذج الأرقام שלום';
export const TEMPLATE = '{{constructor.constructor("return this")()}} ${7*7} {@html x}';
export const SUBJECTS = [SCRIPT, IMAGE, BIDI, CONTROL, LINK, LONG, EMOJI, RTL, TEMPLATE];

/** Names of classes, as labels of the data: they come back in tables, matrices and flips. */
const CLASSES = [IMAGE.replaceAll('"', "'"), RTL, `${LONG.slice(0, 400)}`];

const POINTS = (rows: number, odd: number): string => {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const line = (row: number): string => {
    const kind = row % 3;
    const x = ([-2, 2, 0][kind] ?? 0) + (((row * 7 + odd) % 17) - 8) / 8;
    const y = ([-1, -1, 2][kind] ?? 0) + (((row * 5 + odd) % 17) - 8) / 8;
    const id = row % 30 === 0 ? `${SCRIPT} ${row}` : `${EMOJI} ${row}`;
    return `${quoted(id)},${x},${y},${quoted(CLASSES[kind] ?? '')}\n`;
  };
  return `row_id,width,length,label\n${Array.from({ length: rows }, (_, row) => line(row)).join('')}`;
};

export async function hostile(world: World, folder: string): Promise<void> {
  const name = folder.slice(world.path.length + 1);
  const data = `data/<b>${EMOJI}`;
  await world.answer('mkdir', ['-p', folder]);
  await world.git(folder, ['init', '--quiet', '--initial-branch=main']);
  const manifest = (epochs: number): string => `keelmark: 1
name: clouds
task: classification
data:
  train: {path: ${JSON.stringify(`${data}/train.csv`)}, id: row_id}
  validation: {split_from: train, ratio: 0.2, seed: 1}
  test: {path: ${JSON.stringify(`${data}/test.csv`)}, id: row_id}
  target: label
model: {preset: linear}
train: {epochs: ${epochs}, batch_size: 16, optimizer: {adamw: {lr: 0.05}}, seed: 7}
evaluate: {metrics: [accuracy, f1_macro, log_loss], slices: [{class: true}]}
gates: [{metric: accuracy, at_least: 0.99}]
environments: {staging: {}, production: {after: staging}}
`;
  world.write(`${name}/${data}/train.csv`, POINTS(120, 3));
  world.write(`${name}/${data}/test.csv`, POINTS(90, 5));
  world.write(`${name}/model.yaml`, manifest(1));
  for (const file of ['train.csv', 'test.csv'])
    await world.keelmark(folder, ['data', 'add', `${data}/${file}`]);
  const commit = async (subject: string, who: string): Promise<void> => {
    await world.git(folder, ['add', '--all']);
    const as = {
      GIT_AUTHOR_NAME: who,
      GIT_AUTHOR_EMAIL: `${LINK.slice(0, 20)}@example.org`,
    };
    await world.git(
      folder,
      ['commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '--message', subject],
      as,
    );
  };
  await commit('Begin', IMAGE.replaceAll(/[<>]/g, '‹'));
  await world.keelmark(folder, ['train']);
  for (const [index, subject] of SUBJECTS.entries()) {
    world.write(`${name}/code/${index}-${EMOJI}.py`, `print(${JSON.stringify(subject.slice(0, 200))})\n`);
    await commit(subject, [RTL, EMOJI, LONG.slice(0, 300)][index % 3] ?? RTL);
  }
  world.write(`${name}/model.yaml`, manifest(12));
  await commit(`${SCRIPT} trained for longer`, EMOJI);
  await world.keelmark(folder, ['train']);
  await world.keelmark(folder, ['promote', 'HEAD', '--to', 'staging', '--override', `${IMAGE} ${BIDI}`]);
  for (const tag of [
    `<script>${CALL.replaceAll("'", '')}</script>`,
    '<img/src=x/onerror=1>',
    EMOJI.replaceAll(' ', '-'),
    LONG.slice(0, 200),
  ]) {
    await world.git(folder, ['tag', tag]);
  }
  await world.git(folder, ['branch', '<svg/onload=1>']);
  await world.git(folder, ['remote', 'add', 'origin', LINK]);
}
