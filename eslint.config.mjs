import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

/** Imports go one way: clip ← library ← { workspace, providers, webview panel } ← extension.ts; cli.ts uses clip and library alone. */
const forbid = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});
const noEditor = { group: ['vscode'], message: 'Only workspace, providers and webview know the editor.' };
const clipByItsDoor = {
  group: ['**/clip/*', '!**/clip/index.ts'],
  message: 'src/clip has one door: src/clip/index.ts.',
};
const libraryByItsDoor = {
  group: ['**/library/*', '!**/library/index.ts', '!**/library/startup.ts'],
  message: 'Entry points of src/library: index.ts, and startup.ts for code that runs while the editor starts.',
};
const taggedImagesByIndex = {
  group: ['**/taggedImages/*', '!**/taggedImages/index.ts'],
  message: 'src/taggedImages has one entry point: src/taggedImages/index.ts.',
};
const noNative = {
  group: ['sharp', 'onnxruntime-node', 'onnxruntime-common'],
  message: 'Native modules live in the inference process and in the probe.',
};
const referencesByItsDoor = {
  regex: '^(?:\\.\\./)+references/(?!(?:index|languages)\\.ts$)',
  message: 'src/references has one entry point, index.ts; languages.ts is for what is registered at activation.',
};
const fromPage = (message) => ({ group: ['**/page/**'], message });
const notEachOther = (regex) => ({ regex, message: 'Providers never import each other.' });
const notThese = (...rooms) => ({
  group: rooms.map((r) => `**/${r}/**`),
  message: 'Imports go one way; see ARCHITECTURE.md.',
});

const TOOLS = ['bench', 'evaluate', 'evaluateHeatmaps', 'imageFormats', 'package', 'vscodeHost'];

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
  forbid(
    ['src/clip/**'],
    [noEditor, notThese('library', 'taggedImages', 'workspace', 'providers', 'webview'), noNative],
    // What runs inside the inference process or the probe.
    [
      'src/clip/runtime/handlers.ts',
      'src/clip/runtime/encoders/sessions.ts',
      'src/clip/runtime/device/gpuSession.ts',
      'src/clip/runtime/encoders/encode.ts',
      'src/clip/heatmaps/heatmaps.ts',
      'src/clip/heatmaps/dense.ts',
      'src/clip/heatmaps/thirdPartyDense.ts',
      'src/clip/runtime/matrix/embeddingMatrix.ts',
      'src/clip/runtime/matrix/operations.ts',
      'src/clip/runtime/device/probe.ts',
      'src/clip/images/sharp.ts',
    ],
  ),
  forbid(
    ['src/heatmapPicture.ts'],
    [
      noEditor,
      noNative,
      notThese('clip', 'library', 'workspace', 'providers', 'webview'),
      { group: ['node:*'], message: 'The browser draws with it too.' },
    ],
  ),
  forbid(
    ['src/base/rpc/**'],
    [
      noEditor,
      noNative,
      notThese('clip', 'library', 'taggedImages', 'workspace', 'providers', 'webview'),
      { group: ['node:*'], message: 'The browser uses it too.' },
    ],
  ),
  forbid(
    ['src/references/**'],
    [noEditor, noNative, notThese('clip', 'library', 'taggedImages', 'workspace', 'providers', 'webview', 'cli')],
  ),
  forbid(
    ['src/library/**'],
    [noEditor, noNative, clipByItsDoor, notThese('taggedImages', 'workspace', 'providers', 'webview')],
  ),
  forbid(
    ['src/taggedImages/**'],
    [noEditor, noNative, clipByItsDoor, libraryByItsDoor, notThese('workspace', 'providers', 'webview')],
  ),
  forbid(
    ['src/cli.ts', 'src/cli/**'],
    [
      noEditor,
      noNative,
      clipByItsDoor,
      libraryByItsDoor,
      notThese('taggedImages', 'workspace', 'providers', 'webview'),
    ],
  ),
  forbid(
    ['src/workspace/**'],
    [
      noNative,
      clipByItsDoor,
      libraryByItsDoor,
      taggedImagesByIndex,
      { ...referencesByItsDoor, regex: referencesByItsDoor.regex.replace('+', '{2}') }, // workspace has a folder of this name
      notThese('providers', 'webview'),
    ],
  ),
  // A feature is a file of providers/, or a folder of several files.
  forbid(
    ['src/providers/*.ts'],
    [noNative, clipByItsDoor, libraryByItsDoor, taggedImagesByIndex, referencesByItsDoor, notEachOther('^\\./')],
  ),
  forbid(
    ['src/providers/*/**'],
    [noNative, clipByItsDoor, libraryByItsDoor, taggedImagesByIndex, referencesByItsDoor, notEachOther('^\\.\\./[^.]')],
  ),
  forbid(
    ['src/webview/panel/**'],
    [
      noNative,
      clipByItsDoor,
      libraryByItsDoor,
      taggedImagesByIndex,
      referencesByItsDoor,
      notThese('providers'),
      fromPage('The page runs in a browser.'),
    ],
  ),
  // The browser's side: of all the rest it knows the protocol, and how a heatmap is painted.
  forbid(
    ['src/webview/page/**'],
    [
      noEditor,
      noNative,
      notThese('clip', 'library', 'taggedImages', 'workspace', 'providers', 'panel'),
      { group: ['node:*'], message: 'The page runs in a browser.' },
    ],
  ),
  forbid(['src/extension.ts'], [noNative, clipByItsDoor, libraryByItsDoor]),
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
    // The editor waits for activate(): these rooms name types of CLIP and the library, and load their code by import() when it is used.
    files: ['src/extension.ts', 'src/taggedImages/**', 'src/workspace/**', 'src/providers/**', 'src/webview/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/clip/index.ts', '**/library/index.ts', '**/references/index.ts'],
              allowTypeImports: true,
              message: 'Load it with import() where it is used.',
            },
          ],
        },
      ],
    },
  },
  {
    // Only the inference process decodes images. The other parts of CLIP use the list of formats, the limits and the types.
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
              regex: '/images/(decoding/|sharp|preprocess|details|thumbnail|shownImage|shownPixels)',
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
              regex: '^\\.\\.?/(?:\\.\\./)*(?:decoding/|sharp|preprocess|details|thumbnail|shownImage|shownPixels)',
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
  { files: ['src/cli.ts', 'src/cli/**', 'tools/**'], rules: { 'no-console': 'off' } },
);
