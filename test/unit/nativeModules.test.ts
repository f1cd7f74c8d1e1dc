import assert from 'node:assert/strict';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');
const NATIVE = ['sharp', '@resvg/resvg-js', 'onnxruntime-node', 'onnxruntime-common'];

/**
 * The packages that a module imports, directly or through other modules of ours.
 * @param lazy whether to include what is imported by import()
 */
async function packagesOf(entryPoint: string, lazy: 'with lazy imports' | 'without'): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entryPoint],
    bundle: true,
    splitting: true,
    write: false,
    outdir: 'dist',
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
  });
  const { outputs } = metafile;
  const pending = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint === entryPoint);
  const packages = new Set<string>();
  const visited = new Set<string>();
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (visited.has(file)) continue;
    visited.add(file);
    for (const imported of outputs[file]?.imports ?? []) {
      if (lazy === 'without' && imported.kind === 'dynamic-import') continue;
      if (imported.external) packages.add(imported.path);
      else pending.push(imported.path);
    }
  }
  return packages;
}

describe('native modules', () => {
  for (const entryPoint of ['src/extension.ts', 'src/library/index.ts', 'src/clip/index.ts', 'src/cli.ts']) {
    it(`are never loaded by ${entryPoint}`, async () => {
      const packages = await packagesOf(entryPoint, 'with lazy imports');
      assert.ok(packages.size > 0);
      assert.deepEqual(
        NATIVE.filter((name) => packages.has(name)),
        [],
      );
    });
  }

  it('are loaded by the inference process', async () => {
    const packages = await packagesOf('src/clip/runtime/host.ts', 'without');
    assert.ok(packages.has('sharp') && packages.has('@resvg/resvg-js') && packages.has('onnxruntime-node'));
  });

  it('and the libraries of decoders are not loaded for the list of image formats', async () => {
    const packages = await packagesOf('src/clip/images/formats/registry.ts', 'without');
    assert.ok(packages.has('node:zlib'));
    assert.deepEqual(
      [...packages].filter((name) => !name.startsWith('node:')),
      [],
    );
  });
});
