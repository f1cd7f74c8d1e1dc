import path from 'node:path';

// The modules of `src` and the modules that each may import. Lower modules come first. ESLint enforces the table, and a
// unit test compares it with the table in ARCHITECTURE.md.
//
// - path: a folder or a file in `src`. A file belongs to the deepest module that contains it. In "folder/*", each
//   file and each folder is a separate module; in "folder/*/", each folder. These modules do not import each other.
// - imports: modules that it may import.
// - loads: modules whose types it may import, and whose code it loads with import() when it is needed.
// - entry: the only files that other modules may import. Default: all.
export const modules = [
  { path: 'base', imports: [] },
  { path: 'heatmapPicture.ts', imports: [] },

  { path: 'clip/base', imports: ['base'] },
  { path: 'clip/onnx', imports: ['base'] },
  { path: 'clip/images', imports: ['base', 'clip/base'] },
  { path: 'clip/text', imports: ['base', 'clip/base'] },
  { path: 'clip/families/layers', imports: ['base', 'clip/base', 'clip/onnx'] },
  { path: 'clip/families/definition', imports: ['base', 'clip/base', 'clip/onnx', 'clip/families/layers'] },
  {
    path: 'clip/families/*/',
    imports: ['base', 'clip/base', 'clip/onnx', 'clip/families/layers', 'clip/families/definition'],
    entry: ['index.ts'],
  },
  {
    path: 'clip/families',
    imports: ['base', 'clip/onnx', 'clip/families/layers', 'clip/families/definition', 'clip/families/*/'],
    entry: ['index.ts'],
  },
  { path: 'clip/scoring', imports: ['base', 'clip/base', 'clip/onnx'] },
  { path: 'clip/heatmaps', imports: ['clip/base', 'clip/images', 'clip/text'] },
  { path: 'clip/checkpoint', imports: ['base', 'clip/base', 'clip/onnx', 'clip/families'] },
  {
    path: 'clip/models',
    imports: ['base', 'clip/base', 'clip/onnx', 'clip/text', 'clip/families', 'clip/checkpoint'],
  },
  {
    path: 'clip/runtime',
    imports: [
      ...['base', 'clip/base', 'clip/images', 'clip/text', 'clip/families'],
      ...['clip/scoring', 'clip/heatmaps', 'clip/models'],
    ],
  },
  {
    path: 'clip',
    imports: [
      ...['base', 'clip/base', 'clip/images', 'clip/text', 'clip/scoring', 'clip/heatmaps'],
      ...['clip/checkpoint', 'clip/models', 'clip/runtime'],
    ],
    entry: ['index.ts'],
  },

  { path: 'library/location', imports: ['base'], entry: ['index.ts', 'userIndexes.ts'] },
  { path: 'library', imports: ['base', 'clip', 'library/location'], entry: ['index.ts'] },
  { path: 'taggedImages', imports: ['base'], loads: ['library'], entry: ['index.ts'] },
  { path: 'references/languages.ts', imports: [] },
  { path: 'references', imports: ['base', 'references/languages.ts'], entry: ['index.ts'] },
  { path: 'cli/nodeVersion.ts', imports: [] },
  { path: 'cli', imports: ['base', 'heatmapPicture.ts', 'clip', 'library', 'cli/nodeVersion.ts'] },
  { path: 'cli.ts', imports: ['cli/nodeVersion.ts'], loads: ['cli'] },

  {
    path: 'workspace',
    imports: ['base', 'library/location', 'taggedImages', 'references/languages.ts'],
    loads: ['clip', 'library', 'references'],
  },
  {
    path: 'providers/*',
    imports: ['base', 'taggedImages', 'references/languages.ts', 'workspace'],
    loads: ['clip', 'library', 'references'],
  },
  { path: 'webview/protocol.ts', imports: ['base'] },
  {
    path: 'webview/panel',
    imports: ['base', 'taggedImages', 'webview/protocol.ts', 'workspace'],
    loads: ['clip', 'library'],
  },
  { path: 'webview/page', imports: ['base', 'heatmapPicture.ts', 'webview/protocol.ts'] },
  { path: 'extension.ts', imports: ['workspace', 'providers/*', 'webview/panel'] },
];

const patterns = modules.map((module) => {
  const parts = module.path
    .replace(/\/$/, '')
    .split('/')
    .map((part) => (part === '*' ? '[^/]+' : escapeRegExp(part)));
  const end = module.path.endsWith('/') ? '(?=/)' : '(?=/|$)';
  return { module, pattern: new RegExp(`^${parts.join('/')}${end}`), isGlob: module.path.includes('*') };
});

/**
 * The module of a file.
 * @param file relative to `src`, with "/"
 * @returns the entry of the table and the folder or file that it stands for; null where the file belongs to no module
 */
export function moduleOf(file) {
  const found = patterns
    .flatMap(({ module, pattern, isGlob }) => {
      const [root] = pattern.exec(file) ?? [];
      return root === undefined ? [] : [{ module, root, isGlob }];
    })
    .sort((a, b) => b.root.length - a.root.length || Number(a.isGlob) - Number(b.isGlob));
  return found[0] ?? null;
}

/**
 * The reason why a file must not import another one; null where it may.
 * @param file relative to `src`, with "/"
 * @param target relative to `src`, with "/"
 * @param kind `value`, `type`, or `dynamic` for import()
 */
export function importProblem(file, target, kind) {
  const from = moduleOf(file);
  const to = moduleOf(target);
  const unknown = [from ? null : file, to ? null : target].find((name) => name !== null);
  if (!from || !to) return `${unknown} belongs to no module. Add one to eslint.modules.mjs and ARCHITECTURE.md.`;
  if (from.root === to.root) return null;
  const { imports, loads = [] } = from.module;
  const { path: name, entry } = to.module;
  if (!imports.includes(name) && !loads.includes(name)) {
    return `${from.root} must not import ${to.root}. See the modules in ARCHITECTURE.md.`;
  }
  if (loads.includes(name) && kind === 'value')
    return `${from.root} must load ${to.root} with import() when it is needed.`;
  if (entry && !entry.some((file) => target === `${to.root}/${file}`)) {
    return `${to.root} must be imported from ${entry.join(' or ')}.`;
  }
  return null;
}

/** ESLint rule for files of `src`. */
export const moduleImports = {
  meta: { type: 'problem', schema: [], messages: { problem: '{{problem}}' } },
  create(context) {
    const root = path.join(context.cwd, 'src');
    const file = toPosix(path.relative(root, context.filename));
    const check = (node, kind) => {
      const source = (node.source ?? node.argument?.literal)?.value;
      if (typeof source !== 'string' || !source.startsWith('.')) return;
      const target = toPosix(path.relative(root, path.resolve(path.dirname(context.filename), source)));
      const problem = importProblem(file, target, kind);
      if (problem !== null) context.report({ node, messageId: 'problem', data: { problem } });
    };
    return {
      ImportDeclaration: (node) => check(node, isTypeOnly(node, 'importKind') ? 'type' : 'value'),
      ExportNamedDeclaration: (node) => check(node, isTypeOnly(node, 'exportKind') ? 'type' : 'value'),
      ExportAllDeclaration: (node) => check(node, node.exportKind === 'type' ? 'type' : 'value'),
      ImportExpression: (node) => check(node, 'dynamic'),
      TSImportType: (node) => check(node, 'type'),
    };
  },
};

function isTypeOnly(node, kind) {
  if (node[kind] === 'type') return true;
  return node.specifiers.length > 0 && node.specifiers.every((specifier) => specifier[kind] === 'type');
}

function toPosix(file) {
  return file.split(path.sep).join('/');
}

function escapeRegExp(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
