import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Linter, type Rule } from 'eslint';
import tseslint from 'typescript-eslint';

interface Module {
  readonly path: string;
  readonly imports: readonly string[];
  readonly loads?: readonly string[];
  readonly entry?: readonly string[];
}
interface ModuleTable {
  readonly modules: readonly Module[];
  readonly moduleOf: (file: string) => { readonly module: Module } | null;
  readonly importProblem: (file: string, target: string, kind: 'value' | 'type' | 'dynamic') => string | null;
  readonly moduleImports: Rule.RuleModule;
}

const root = path.resolve(import.meta.dirname, '../../..');
const { modules, moduleOf, importProblem, moduleImports } = (await import(
  path.join(root, 'eslint.modules.mjs')
)) as ModuleTable;

/** Code spans of a table cell: "`a`, `b`" → a, b */
const namesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

describe('the modules of src', () => {
  it('are those of the table in ARCHITECTURE.md, with the same imports', () => {
    const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
    const lines = text.slice(text.indexOf('| module |')).split('\n');
    const rows = lines.slice(2, lines.indexOf('')).map((line) => line.split('|').slice(1));
    const documented = rows.map(([name, , imports, loads]) => ({
      path: namesIn(name)[0],
      imports: namesIn(imports),
      loads: namesIn(loads),
    }));
    const enforced = modules.map(({ path: name, imports, loads = [] }) => ({ path: name, imports, loads }));
    assert.deepEqual(documented, enforced);
  });

  it('import only modules above them in the table, so that there is no cycle', () => {
    for (const [position, { path: name, imports, loads = [] }] of modules.entries()) {
      const lower = modules.slice(0, position).map((module) => module.path);
      for (const target of [...imports, ...loads]) assert.ok(lower.includes(target), `${name} → ${target}`);
    }
  });

  it('contain every file, and each contains one', () => {
    const files = globSync('**/*.ts', { cwd: path.join(root, 'src') }).map((file) => file.split(path.sep).join('/'));
    assert.ok(files.length > 100);
    const used = new Set(files.map((file) => moduleOf(file)?.module ?? assert.fail(`${file} belongs to no module`)));
    assert.deepEqual(
      modules.filter((module) => !used.has(module)).map((module) => module.path),
      [],
    );
  });

  it('refuse imports that the table does not have', () => {
    const refused: [string, string][] = [
      ['clip/images/details.ts', 'clip/runtime/protocol.ts'],
      ['clip/checkpoint/convert.ts', 'clip/models/install.ts'],
      ['clip/heatmaps/heatmaps.ts', 'clip/runtime/sessions.ts'],
      ['clip/scoring/calibration.ts', 'clip/runtime/protocol.ts'],
      ['clip/families/clip/index.ts', 'clip/families/siglip/index.ts'],
      ['clip/families/layers/layers.ts', 'clip/families/clip/index.ts'],
      ['clip/models/installGraphs.ts', 'clip/families/clip/specialTokens.ts'],
      ['library/search/search.ts', 'clip/scoring/calibration.ts'],
      ['cli/search.ts', 'library/store/store.ts'],
      ['providers/statusBar.ts', 'providers/tagTree/filter.ts'],
      ['providers/tagTree/filter.ts', 'providers/altText/registerAltText.ts'],
      ['webview/page/main.ts', 'webview/panel/actions.ts'],
      ['base/csv.ts', 'nowhere/file.ts'],
    ];
    for (const [file, target] of refused) {
      assert.notEqual(importProblem(file, target, 'type'), null, `${file} → ${target}`);
    }
    assert.equal(importProblem('clip/heatmaps/heatmaps.ts', 'clip/images/preprocess.ts', 'value'), null);
    assert.equal(importProblem('clip/families/clip/thirdParty/readDense.ts', 'clip/onnx/encode.ts', 'value'), null);
    assert.equal(importProblem('providers/tagTree/filter.ts', 'providers/tagTree/ordering.ts', 'value'), null);
  });

  it('load code that is slow to start only when they need it', () => {
    for (const [kind, isAllowed] of [
      ['value', false],
      ['type', true],
      ['dynamic', true],
    ] as const) {
      assert.equal(importProblem('workspace/settings.ts', 'clip/index.ts', kind) === null, isAllowed, kind);
    }
  });

  it('are enforced in every form of import', () => {
    const linter = new Linter({ cwd: root });
    const problemsOf = (code: string): number => {
      const config: Linter.Config = {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        plugins: { assetlens: { rules: { 'module-imports': moduleImports } } },
        rules: { 'assetlens/module-imports': 'error' },
      };
      return linter.verify(code, [config], { filename: path.join(root, 'src/workspace/log.ts') }).length;
    };
    const target = '../providers/statusBar.ts';
    for (const code of [
      `import { a } from '${target}';`,
      `import '${target}';`,
      `import type { A } from '${target}';`,
      `export { a } from '${target}';`,
      `export * from '${target}';`,
      `const a = await import('${target}');`,
      `type A = import('${target}').A;`,
      `import { type A, b } from '../clip/index.ts';`,
    ]) {
      assert.equal(problemsOf(code), 1, code);
    }
    for (const code of [
      `import { type A, type B } from '../clip/index.ts';`,
      `import { a } from './settings.ts';`,
      `import * as vscode from 'vscode';`,
    ]) {
      assert.equal(problemsOf(code), 0, code);
    }
  });
});
