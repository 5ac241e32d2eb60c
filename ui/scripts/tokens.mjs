// Writes src/generated/tokens.css from assets/tokens.json. With --check: fails where the file is not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';

const source = new URL('../../assets/tokens.json', import.meta.url);
const target = new URL('../src/generated/tokens.css', import.meta.url);

/** What becomes stronger in high contrast: a token takes the colour of another one. */
const STRONGER = {
  surface: 'canvas',
  sunken: 'surface',
  'ink-2': 'ink',
  'ink-3': 'ink-2',
  line: 'ink-3',
  control: 'ink',
};

const rem = (px) => `${Number((px / 16).toFixed(4))}rem`;

function block(selector, lines, indent = '') {
  return [`${indent}${selector} {`, ...lines.map((line) => `${indent}  ${line};`), `${indent}}`].join('\n');
}

function palette(tokens, theme, contrast) {
  const names = Object.keys(tokens.color);
  const colours = names.map((name) => {
    const from = contrast ? (STRONGER[name] ?? name) : name;
    return `--${name}: ${tokens.color[from][theme]}`;
  });
  return [`color-scheme: ${theme}`, ...colours];
}

function sizes(tokens) {
  const lines = [];
  for (const [name, family] of Object.entries(tokens.family)) lines.push(`--family-${name}: ${family}`);
  for (const [name, type] of Object.entries(tokens.type)) {
    lines.push(`--size-${name}: ${rem(type.size_px)}`, `--line-${name}: ${rem(type.line_px)}`);
    lines.push(`--font-${name}: ${rem(type.size_px)}/${rem(type.line_px)} var(--family-${type.family})`);
  }
  for (let step = 1; step <= 12; step += 1)
    lines.push(`--space-${step}: ${rem(step * tokens.space.grid_px)}`);
  for (const [name, px] of Object.entries(tokens.radius))
    lines.push(`--radius-${name.replace('_px', '')}: ${px}px`);
  lines.push(`--motion: ${tokens.motion.duration_millis}ms`);
  return lines;
}

function density(tokens, less) {
  const { grid_px: grid, row_px: row, button_px: button } = tokens.space;
  return [
    `--row: ${rem(row - less * grid)}`,
    `--button: ${rem(button - less * grid)}`,
    `--button-small: ${rem(Math.max(24, button - grid - less * grid))}`,
    `--gap: ${rem(grid * (3 - less))}`,
    `--pad: ${rem(grid * (4 - less))}`,
  ];
}

function css(tokens) {
  const dark = (selector, contrast) =>
    `@media (prefers-color-scheme: dark) {\n${block(selector, palette(tokens, 'dark', contrast), '  ')}\n}`;
  const more = [
    '@media (prefers-contrast: more) {',
    block(":root[data-theme='system']", palette(tokens, 'light', true), '  '),
    '}',
    '@media (prefers-contrast: more) and (prefers-color-scheme: dark) {',
    block(":root[data-theme='system']", palette(tokens, 'dark', true), '  '),
    '}',
  ].join('\n');
  return [
    '/* From assets/tokens.json by `npm run tokens`; do not edit. */',
    block(':root', [...sizes(tokens), ...density(tokens, 0)]),
    block(":root[data-density='compact']", density(tokens, 1)),
    block(":root,\n:root[data-theme='light'],\n[data-palette='light']", palette(tokens, 'light', false)),
    block(":root[data-theme='dark'],\n[data-palette='dark']", palette(tokens, 'dark', false)),
    block(":root[data-theme='contrast'],\n[data-palette='contrast']", palette(tokens, 'light', true)),
    dark(":root[data-theme='system']", false),
    dark(":root[data-theme='contrast'],\n  [data-palette='contrast']", true),
    more,
    '@media (prefers-reduced-motion: reduce) {\n  :root {\n    --motion: 0.01ms;\n  }\n}',
    ":root[data-motion='reduce'] {\n  --motion: 0.01ms;\n}",
    '',
  ].join('\n');
}

const written = css(JSON.parse(readFileSync(source, 'utf8')));
if (process.argv.includes('--check')) {
  let found = '';
  try {
    found = readFileSync(target, 'utf8');
  } catch {
    // A missing file is a stale one.
  }
  if (found !== written) {
    console.error('src/generated/tokens.css is not what assets/tokens.json says: run `npm run tokens`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, written);
}
