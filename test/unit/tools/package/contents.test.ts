import assert from 'node:assert/strict';
import { faultsOf, type Contents, type Entry } from '../../../../tools/package/contents.ts';

const ortFolder = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
const plain = [
  'package.json',
  'package.nls.json',
  'readme.md',
  'changelog.md',
  'LICENSE.txt',
  'docs/command-line.md',
  'ThirdPartyNotices.txt',
  'dist/extension.cjs',
  'dist/library.js',
  'dist/clip.js',
  'dist/inference.js',
  'dist/webview/page.js',
  'dist/webview/style.css',
  'dist/webview/codicon.css',
  'dist/webview/codicon.ttf',
  'dist/probe.js',
  'dist/models/small/manifest.json',
  'dist/models/small/visual.onnx',
  'dist/models/small/textual.onnx',
  'dist/models/small/tokenizer.json',
  'models/labels/default.yaml',
  'models/small/ATTRIBUTIONS.md',
  'media/icon.png',
  'l10n/bundle.l10n.json',
  'node_modules/onnxruntime-common/dist/cjs/index.js',
  'node_modules/sharp/dist/index.mjs',
];
const native = [
  `${ortFolder}/onnxruntime_binding.node`,
  `${ortFolder}/libonnxruntime.so.1`,
  'node_modules/@img/sharp-linux-x64/lib/sharp-linux-x64-0.35.5.node',
  'node_modules/@img/sharp-libvips-linux-x64/lib/libvips-cpp.so.8.18.7',
  'node_modules/@resvg/resvg-js/index.js',
  'node_modules/@resvg/resvg-js-linux-x64-gnu/resvgjs.linux-x64-gnu.node',
];
const packages = [
  'onnxruntime-node',
  'onnxruntime-common',
  'sharp',
  '@img/sharp-linux-x64',
  '@img/sharp-libvips-linux-x64',
  '@resvg/resvg-js',
  '@resvg/resvg-js-linux-x64-gnu',
];
const valid: Contents = {
  entries: [
    ...plain.map((path): Entry => ({ path, size: 100, platform: null })),
    ...native.map((path): Entry => ({ path, size: 100, platform: 'linux-x64' })),
  ],
  manifest: JSON.stringify({ icon: 'media/icon.png', main: './dist/extension.cjs', l10n: './l10n' }),
  notices: packages.map((name) => `\n${name} 1.0.0 (MIT)\n`).join(''),
};

const without = (path: string): Contents => ({ ...valid, entries: valid.entries.filter((e) => e.path !== path) });
const withFile = (entry: Partial<Entry> & Pick<Entry, 'path'>): Contents => ({
  ...valid,
  entries: [...valid.entries, { size: 100, platform: null, ...entry }],
});

describe('The check of a VSIX', () => {
  it('passes a valid one', () => {
    assert.deepEqual(faultsOf('linux-x64', valid), []);
  });

  it('reports every missing file', () => {
    for (const { path } of valid.entries) {
      assert.ok(
        faultsOf('linux-x64', without(path)).some((fault) => fault.startsWith('missing:')),
        path,
      );
    }
  });

  it('reports a binary for another system, processor or C library', () => {
    const dll = `${ortFolder}/DirectML.dll`;
    assert.deepEqual(faultsOf('linux-x64', withFile({ path: dll, platform: 'win32-x64' })), [
      `${dll} is a binary for win32-x64`,
    ]);
    const arm = 'node_modules/sharp/dist/a';
    assert.deepEqual(faultsOf('linux-x64', withFile({ path: arm, platform: 'linux-arm64' })), [
      `${arm} is a binary for linux-arm64`,
    ]);
    const musl = 'node_modules/@img/sharp-linuxmusl-x64/lib/a.node';
    assert.ok(faultsOf('linux-x64', withFile({ path: musl, platform: 'linux-x64' })).includes(`unexpected: ${musl}`));
    assert.ok(faultsOf('darwin-arm64', valid).includes('there is no binary for darwin-arm64'));
  });

  it('reports development files, empty files, and packages without a notice', () => {
    for (const path of [
      'dist/extension.cjs.map',
      'src/extension.ts',
      'models/small/a.safetensors',
      'dist/cli.js',
      'dist/commandLine.js',
    ]) {
      assert.deepEqual(faultsOf('linux-x64', withFile({ path })), [`unexpected: ${path}`]);
    }
    assert.deepEqual(faultsOf('linux-x64', withFile({ path: 'media/a.svg', size: 0 })), ['media/a.svg is empty']);
    const faults = faultsOf('linux-x64', withFile({ path: 'node_modules/@scope/left-pad/index.js' }));
    assert.deepEqual(faults, ['ThirdPartyNotices.txt has no entry for @scope/left-pad']);
  });

  it('requires every picture that the manifest refers to', () => {
    const manifest = JSON.stringify({
      contributes: { walkthroughs: [{ steps: [{ media: { image: 'media/step.svg' } }] }] },
    });
    assert.deepEqual(faultsOf('linux-x64', { ...valid, manifest }), ['missing: media/step.svg']);
  });
});
