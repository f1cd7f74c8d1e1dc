// Bundles the extension, the page of the gallery, the command line and the inference process, then builds the bundled
// model.
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
  target: 'node22.16', // the oldest supported Node; see src/cli/nodeVersion.ts
  sourcemap: true,
  outdir: 'dist',
  metafile: true,
  logLevel: 'warning',
};
// Native modules stay in node_modules.
const native = ['onnxruntime-node', 'onnxruntime-common', 'sharp', '@resvg/resvg-js'];

/**
 * The modules that the extension loads with import(), by the name of their file in dist. The extension activates
 * without them. The extension is a CommonJS module, because an ES module that imports 'vscode' waits for the loader
 * hooks of the extension host.
 */
const lazyModules = {};
const lazyLoading = {
  name: 'lazy loading',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async ({ path: specifier, kind, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === lazyModules) return undefined;
      const resolved = await build.resolve(specifier, { kind, resolveDir, pluginData: lazyModules });
      if (resolved.errors.length > 0) return resolved;
      const name = specifier
        .replace(/(\/index)?\.ts$/, '')
        .split('/')
        .at(-1);
      if ((lazyModules[name] ??= resolved.path) !== resolved.path)
        return { errors: [{ text: `two modules have the name ${name}` }] };
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
  plugins: [lazyLoading],
};
const others = () => ({
  ...common,
  format: 'esm',
  splitting: true,
  entryPoints: {
    cli: 'src/cli.ts',
    commandLine: 'src/cli/main.ts',
    inference: 'src/clip/runtime/host.ts',
    probe: 'src/clip/runtime/device/probe.ts',
    ...lazyModules,
  },
  chunkNames: 'chunks/[name]-[hash]',
  external: native,
  // CommonJS dependencies call require, which ES modules do not have.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});

/** The page of the gallery and the icon font of its controls. */
const page = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'chrome138', // older than the Chromium of every supported editor
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

// The extension is built first, because its lazy modules are entry points of the others.
const built = [await esbuild.build(extension), await esbuild.build(others()), await esbuild.build(page)];
const metafiles = built.map(({ metafile }) => metafile);
if (watch) {
  for (const options of [extension, others(), page]) await (await esbuild.context(options)).watch();
} else {
  // The packaging script lists the bundled packages in the third-party notices.
  mkdirSync(path.join(root, 'build'), { recursive: true });
  writeFileSync(path.join(root, 'build/metafiles.json'), JSON.stringify(metafiles));
  removeOldChunks(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  buildModel();
}

/**
 * Removes chunks of earlier builds, whose names contain a hash. They stay for an hour, because an editor may still load
 * them.
 */
function removeOldChunks(outputs) {
  const now = Date.now();
  for (const file of globSync('dist/chunks/*', { cwd: root })) {
    const name = file.split(path.sep).join('/');
    if (!outputs.includes(name) && now - statSync(path.join(root, file)).mtimeMs > 60 * 60_000) {
      rmSync(path.join(root, file));
    }
  }
}

/** Converts the checkpoint in the repository to ONNX graphs, unless neither it nor the converter has changed. */
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
