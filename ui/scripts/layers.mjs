// An eslint rule: a layer of src imports only layers below it, and no feature imports another.
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** What each layer may see; all may see themselves. */
const SEES = {
  generated: [],
  messages: [],
  host: ['generated'],
  state: ['generated', 'host'],
  design: [],
  domain: ['generated', 'state', 'design'],
  charts: ['generated', 'host', 'state', 'design', 'domain'],
  features: ['generated', 'messages', 'host', 'state', 'design', 'domain', 'charts'],
  views: ['generated', 'messages', 'host', 'state', 'design', 'domain', 'charts', 'features'],
};

const ALIASES = { $states: 'state' };

/** The folders below src of an import, or null where it leads out of src. */
function target(source, file) {
  if (source.startsWith('$')) {
    const [first, ...rest] = source.split('/');
    return [ALIASES[first] ?? first.slice(1), ...rest];
  }
  if (!source.startsWith('.')) return null;
  const parts = relative(src, resolve(dirname(file), source)).split(sep);
  return parts[0] === '..' ? null : parts;
}

function complaint(file, source) {
  const from = relative(src, file).split(sep);
  if (from[0] === '..') return null;
  if (source.startsWith('@tauri-apps/')) {
    return from.join('/') === 'host/tauri.ts' ? null : 'Only host/tauri.ts speaks to Tauri.';
  }
  const to = target(source, file);
  const sees = SEES[from[0]];
  if (!to || !sees || !(to[0] in SEES)) return null;
  if (from[0] === 'features' && to[0] === 'features') {
    return from[1] === to[1] ? null : 'A feature imports no other feature: a view composes them.';
  }
  return from[0] === to[0] || sees.includes(to[0]) ? null : `${from[0]} may not see ${to[0]}.`;
}

const rule = {
  meta: { type: 'problem', schema: [], messages: { layer: '{{ why }}' } },
  create(context) {
    const look = (node) => {
      const source = node.source?.value;
      if (typeof source !== 'string') return;
      const why = complaint(context.filename, source);
      if (why) context.report({ node: node.source, messageId: 'layer', data: { why } });
    };
    return {
      ImportDeclaration: look,
      ImportExpression: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
    };
  },
};

export default { rules: { layers: rule } };
