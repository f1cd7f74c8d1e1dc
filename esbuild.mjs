// Bundles what ships: the extension, the command line, and the inference process; then builds the bundled model's graphs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  // Native modules stay where npm put them; the editor is given by its host.
  external: ['vscode', 'onnxruntime-node', 'onnxruntime-common', 'sharp'],
  logLevel: 'warning',
};
const esm = {
  ...common,
  format: 'esm',
  // CommonJS dependencies call require, which an ES module lacks.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
const bundles = [
  { ...esm, entryPoints: { cli: 'src/cli.ts', inference: 'src/clip/runtime/host.ts' }, outdir: 'dist' },
  ...(existsSync(path.join(root, 'src/extension.ts'))
    ? [{ ...common, format: 'cjs', entryPoints: ['src/extension.ts'], outfile: 'dist/extension.cjs' }]
    : []),
];

if (watch) {
  for (const options of bundles) await (await esbuild.context(options)).watch();
} else {
  await Promise.all(bundles.map((options) => esbuild.build(options)));
  buildModel();
}

/** The checkpoint is what the repository holds; its ONNX graphs are made from it by the converter that users have too. */
function buildModel() {
  const from = path.join(root, 'models', MODEL);
  const to = path.join(root, 'dist/models', MODEL);
  const digest = createHash('sha256');
  const inputs = [
    path.join(root, 'dist/cli.js'),
    ...readdirSync(from)
      .sort()
      .map((file) => path.join(from, file)),
  ];
  for (const file of inputs) digest.update(readFileSync(file));
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
