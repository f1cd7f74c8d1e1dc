import assert from 'node:assert/strict';
import type { Metafile } from 'esbuild';
import { shippedOutputs } from '../../../../tools/package/outputs.ts';

type Output = Metafile['outputs'][string];

function output(inputs: readonly string[], imports: readonly string[], entryPoint?: string): Output {
  const bundled: Output['inputs'] = {};
  for (const file of inputs) bundled[file] = { bytesInOutput: 1 };
  return {
    bytes: 1,
    exports: [],
    inputs: { 'src/empty.ts': { bytesInOutput: 0 }, ...bundled },
    imports: imports.map((path) => ({ path, kind: 'dynamic-import' })),
    ...(entryPoint === undefined ? {} : { entryPoint }),
  };
}

describe('The outputs in the VSIX', () => {
  it('are the ones that the entry points of the extension import, with the files bundled in them', () => {
    const outputs = {
      'dist/extension.cjs': output(['src/extension.ts'], ['dist/chunks/a.js', 'vscode'], 'src/extension.ts'),
      'dist/inference.js': output(['src/clip/runtime/host.ts'], [], 'src/clip/runtime/host.ts'),
      'dist/cli.js': output(['src/cli.ts'], ['dist/commandLine.js'], 'src/cli.ts'),
      'dist/commandLine.js': output(['src/cli/main.ts'], ['dist/chunks/a.js', 'dist/chunks/cli.js'], 'src/cli/main.ts'),
      'dist/chunks/a.js': output(['node_modules/zod/index.js'], ['dist/chunks/b.js', 'dist/chunks/a.js']),
      'dist/chunks/b.js': output(['src/library/index.ts'], []),
      'dist/chunks/cli.js': output(['node_modules/commander/index.js'], []),
      'dist/extension.cjs.map': output([], []),
      'dist/webview/icons.css': output(['icons.css'], ['dist/webview/icons.ttf?1a2b'], 'icons.css'),
      'dist/webview/icons.ttf': output(['icons.ttf'], []),
    };
    assert.deepEqual(
      [...shippedOutputs([{ inputs: {}, outputs }])].sort(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['dist/chunks/a.js', ['node_modules/zod/index.js']],
        ['dist/chunks/b.js', ['src/library/index.ts']],
        ['dist/extension.cjs', ['src/extension.ts']],
        ['dist/inference.js', ['src/clip/runtime/host.ts']],
        ['dist/webview/icons.css', ['icons.css']],
        ['dist/webview/icons.ttf', ['icons.ttf']],
      ],
    );
  });
});
