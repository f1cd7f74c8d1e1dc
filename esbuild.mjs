// Bundles what ships: the extension, the gallery's page, the command line, and the inference process; then builds the bundled model's graphs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

const root = import.meta.dirname;
const watch = process.argv.includes('--watch');
const MODEL = 'assetlens-icons';

const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  sourcemap: true,
  outdir: 'dist',
  metafile: true,
  logLevel: 'warning',
};
// Native modules stay where npm put them.
const native = ['onnxruntime-node', 'onnxruntime-common', 'sharp'];

/**
 * What the extension loads by import(), by the name of its file in dist: the extension activates without the library and CLIP.
 * The extension itself is CommonJS: an ES module that imports 'vscode' waits for the loader hooks of the extension host.
 */
const loaded = {};
const loadLater = {
  name: 'load later',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path: specifier, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === loaded) return undefined;
      const found = await build.resolve(specifier, { kind, resolveDir, pluginData: loaded });
      if (found.errors.length > 0) return found;
      const name = specifier
        .replace(/(\/index)?\.ts$/, '')
        .split('/')
        .at(-1);
      if ((loaded[name] ??= found.path) !== found.path) return { errors: [{ text: `two modules are called ${name}` }] };
      return { path: `./${name}.js`, external: true };
    });
  },
};
const extension = {
  ...common,
  format: 'cjs',
  entryPoints: { extension: 'src/extension.ts' },
  outExtension: { '.js': '.cjs' },
  external: ['vscode'],
  plugins: [loadLater],
};
const others = () => ({
  ...common,
  format: 'esm',
  splitting: true,
  entryPoints: {
    cli: 'src/cli.ts',
    inference: 'src/clip/runtime/host.ts',
    probe: 'src/clip/runtime/device/probe.ts',
    ...loaded,
  },
  chunkNames: 'chunks/[name]-[hash]',
  external: native,
  // CommonJS dependencies call require, which an ES module lacks.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

/** The page of the gallery, which runs in the editor's browser, and the icon font that its controls draw with. */
const page = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'chrome140', // what VS Code 1.134 is made of
  sourcemap: true,
  minify: true,
  metafile: true,
  logLevel: 'warning',
  entryPoints: {
    page: 'src/webview/page/main.ts',
    style: 'src/webview/page/page.css',
    codicon: '@vscode/codicons/dist/codicon.css',
  },
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  outdir: 'dist/webview',
};

// The extension first: it says what else there is to bundle.
const built = [await esbuild.build(extension), await esbuild.build(others()), await esbuild.build(page)];
const metafiles = built.map(({ metafile }) => metafile);
if (watch) {
  for (const options of [extension, others(), page]) await (await esbuild.context(options)).watch();
} else {
  // What the bundles hold: the VSIX names their packages in its third-party notices.
  mkdirSync(path.join(root, 'build'), { recursive: true });
  writeFileSync(path.join(root, 'build/metafiles.json'), JSON.stringify(metafiles));
  removeOldChunks(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  buildModel();
}

/** Chunks are named by their content. Those of earlier builds stay for a while: an editor may still run on them. */
function removeOldChunks(outputs) {
  const now = Date.now();
  for (const file of globSync('dist/chunks/*', { cwd: root })) {
    const name = file.split(path.sep).join('/');
    if (!outputs.includes(name) && now - statSync(path.join(root, file)).mtimeMs > 60 * 60_000) {
      rmSync(path.join(root, file));
    }
  }
}

/** The checkpoint is what the repository holds; its ONNX graphs are made from it by the converter that users have too. */
function buildModel() {
  const from = path.join(root, 'models', MODEL);
  const to = path.join(root, 'dist/models', MODEL);
  const digest = createHash('sha256');
  const inputs = [...globSync('src/clip/**/*.ts', { cwd: root }), ...globSync(`models/${MODEL}/*.*`, { cwd: root })];
  for (const file of inputs.sort()) digest.update(readFileSync(path.join(root, file)));
  const stamp = `${to}.stamp`;
  const wanted = digest.digest('hex');
  if (existsSync(to) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(path.dirname(to), { recursive: true });
  execFileSync(
    process.execPath,
    [path.join(root, 'dist/cli.js'), 'convert', from, to, '--force', '--precision', 'fp16'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  writeFileSync(stamp, wanted);
}
