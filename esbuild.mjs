// Bundles what ships: the extension, the command line, and the inference process; then builds the bundled model's graphs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';

const root = import.meta.dirname;
const watch = process.argv.includes('--watch');
const MODEL = 'assetlens-icons';

const options = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // What is loaded by import() lies in chunks of its own: the extension activates without the library and CLIP.
  splitting: true,
  sourcemap: true,
  entryPoints: { extension: 'src/extension.ts', cli: 'src/cli.ts', inference: 'src/clip/runtime/host.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  // Native modules stay where npm put them; the editor is given by its host.
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-common', 'sharp'],
  // CommonJS dependencies call require, which an ES module lacks.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

if (watch) {
  await (await esbuild.context(options)).watch();
} else {
  const { metafile } = await esbuild.build({ ...options, metafile: true });
  // What the bundles hold: the VSIX names their packages in its third-party notices.
  mkdirSync(path.join(root, 'build'), { recursive: true });
  writeFileSync(path.join(root, 'build/metafiles.json'), JSON.stringify([metafile]));
  removeOldChunks(Object.keys(metafile.outputs));
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
