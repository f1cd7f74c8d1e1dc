import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as esbuild from 'esbuild';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Bundles the suite for the extension host, one file per test file. `to` has to be below the repository, so that mocha
 * can be imported from there.
 * @param suite name of the folder with the suite
 * @returns the entry point of the suite
 */
export async function bundleSuite(to: string, suite: 'suite' | 'soak' = 'suite'): Promise<string> {
  const from = path.join(root, 'test/vscode', suite);
  const tests = (await readdir(from)).filter((name) => name.endsWith('.test.ts'));
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['index.ts', ...tests].map((name) => path.join(from, name)),
    outdir: to,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.16',
    sourcemap: 'inline',
    external: ['vscode', 'mocha', 'sharp', 'onnxruntime-node', 'onnxruntime-common'],
    // CommonJS modules have no import.meta.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    logLevel: 'warning',
  });
  return path.join(to, 'index.cjs');
}
