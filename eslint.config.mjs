import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';
import { moduleImports } from './eslint.modules.mjs';

/** Forbids packages in some files. */
const forbid = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const noEditor = { group: ['vscode'], message: 'Only workspace, providers and webview/panel use the API of VS Code.' };
const noNode = { group: ['node:*'], message: 'This code also runs in a browser.' };
const noNative = {
  group: ['sharp', '@resvg/resvg-js', 'onnxruntime-node', 'onnxruntime-common'],
  message: 'Only the inference process and the probe load native modules.',
};
const editorModules = ['src/extension.ts', 'src/workspace/**', 'src/providers/**', 'src/webview/panel/**'];
const browserModules = ['src/heatmapPicture.ts', 'src/webview/page/**', 'src/webview/protocol.ts', 'src/base/rpc/**'];
/** Files that run in the inference process or in the probe. */
const nativeFiles = [
  'src/clip/images/sharp.ts',
  'src/clip/images/resvg.ts',
  'src/clip/runtime/handlers.ts',
  'src/clip/runtime/encoders/sessions.ts',
  'src/clip/runtime/encoders/encode.ts',
  'src/clip/runtime/dense/**',
  'src/clip/runtime/device/gpuSession.ts',
  'src/clip/runtime/device/probe.ts',
  'src/clip/runtime/matrix/embeddingMatrix.ts',
  'src/clip/runtime/matrix/float16Tensor.ts',
  'src/clip/runtime/matrix/operations.ts',
];

const TOOLS = ['bench', 'evaluate', 'evaluateHeatmaps', 'imageFormats', 'package', 'torture', 'vscodeHost'];

export default defineConfig(
  {
    ignores: [
      'dist/',
      'build/',
      '.vscode-host*/',
      '.demo/',
      'src/clip/onnx/onnx_pb.ts',
      'models/',
      'tools/bench/peer/',
      '**/*.mjs',
    ],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  prettier,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['src/**'],
    plugins: { assetlens: { rules: { 'module-imports': moduleImports } } },
    rules: { 'assetlens/module-imports': 'error' },
  },
  forbid(['src/**'], [noEditor, noNative], [...editorModules, ...browserModules, ...nativeFiles]),
  forbid(editorModules, [noNative]),
  forbid(browserModules, [noEditor, noNative, noNode]),
  forbid(nativeFiles, [noEditor]),
  // A tool is an entry point in tools/ and a folder of the same name. Code that several of them use is in tools/shared.
  ...TOOLS.map((tool) =>
    forbid([`tools/${tool}/**`], [{ group: TOOLS.filter((other) => other !== tool).map((other) => `../${other}/*`) }]),
  ),
  {
    files: ['src/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['DisposableStack', 'AsyncDisposableStack', 'SuppressedError'].map((name) => ({
          name,
          message: 'The oldest supported editor runs on Node 22, which lacks it.',
        })),
      ],
    },
  },
  {
    // Only the inference process decodes images. Other parts of CLIP use the list of formats, the limits and the
    // types.
    files: ['src/clip/**'],
    ignores: [
      'src/clip/images/**',
      'src/clip/heatmaps/heatmaps.ts',
      'src/clip/runtime/host.ts',
      'src/clip/runtime/handlers.ts',
      'src/clip/runtime/imageQueue.ts',
      'src/clip/runtime/thumbnails/**',
    ],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '/images/(decoding/|sharp|resvg|preprocess|details|thumbnail|shownImage|shownPixels)',
              allowTypeImports: true,
              message: 'Only the inference process decodes images.',
            },
          ],
        },
      ],
    },
  },
  {
    // The editor and the library import the descriptors of image formats.
    files: ['src/clip/images/formats/**', 'src/clip/images/limits.ts', 'src/clip/images/types.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex:
                '^\\.\\.?/(?:\\.\\./)*(?:decoding/|sharp|resvg|preprocess|details|thumbnail|shownImage|shownPixels)',
              allowTypeImports: true,
              message: 'A descriptor of an image format loads no decoder. Import it by import() in open() or decode().',
            },
          ],
        },
      ],
    },
  },
  {
    // Mocha's describe and it return promises that mocha itself awaits.
    files: ['test/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', '@typescript-eslint/no-unused-expressions': 'off' },
  },
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
  {
    // Names of files, labels and models contain any characters; see docs/security.md.
    files: ['src/cli/**'],
    ignores: ['src/cli/output.ts', 'src/cli/progress.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name="write"][callee.object.property.name=/^std(out|err)$/]',
          message: 'Use print or report of cli/output.ts, which accept only text that cannot control the terminal.',
        },
      ],
    },
  },
  {
    files: editorModules,
    ignores: ['src/workspace/messages.ts', 'src/workspace/log.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[property.name=/^(show(Information|Warning|Error)Message|createOutputChannel)$/]',
          message: 'Use workspace/messages.ts or workspace/log.ts, which make names printable.',
        },
      ],
    },
  },
);
