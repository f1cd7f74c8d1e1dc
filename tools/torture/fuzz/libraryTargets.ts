import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { globFilter, pathMatcher, parseQuery } from '../../../src/library/index.ts';
import { checkLabels } from '../../../src/library/index.ts';
import { isIgnored, noRules, withRulesOf } from '../../../src/library/files/ignoreRules.ts';
import { parseLabels } from '../../../src/library/labels/labelsFile.ts';
import { anyText, damaged, textOfTokens } from './inputs.ts';
import { target, WrongResult, type FuzzTarget } from './target.ts';

/** Names that patterns are matched with. Some are long, because the time of a bad pattern grows with the length. */
const NAMES = [
  'icons/cart.svg',
  'a/b/c/d/e/f/g.png',
  'a'.repeat(255),
  `${'aa/'.repeat(80)}a.png`,
  `${'ab'.repeat(60)}!.svg`,
  'back\\slash\\.png',
  'new\nline [x] {y} (z) !.jpg',
  '.hidden/..a/...png',
];

const QUERY = [
  '+',
  '-',
  '"',
  '\\',
  '\\"',
  ' ',
  '  ',
  '2*',
  '0.5*',
  '1e9*',
  '*',
  'path:',
  'PATH:',
  'cat',
  '.png',
  '+a.png',
  '-"x y"',
  '\n',
  '\0',
  '?',
  '[',
  '{',
  '\\\\',
  'icons/',
  '\u202e',
];
const GLOB = [
  '*',
  '**',
  '?',
  '/',
  '\\',
  '\\\\',
  '[',
  ']',
  '[!',
  '[^',
  '[a-z]',
  '{',
  '}',
  ',',
  '{a,b}',
  '{1..9}',
  '{1..999999}',
  '(',
  ')',
  '|',
  '!',
  '!(',
  '@(',
  '+(',
  '*(',
  '?(',
  '[[:alpha:]]',
  '[:',
  ':]',
  '.',
  '..',
  '-',
  '^',
  '$',
  '+',
  'a',
  'ab',
  '.png',
  '**/',
  '/**',
  '\n',
  '\0',
  '#',
  ' ',
  'ü',
  '😀',
];
const YAML = [
  '- ',
  '\n',
  '\n  ',
  ': ',
  'labels:',
  'sets:',
  'name: ',
  'prompts: ',
  'synonyms: ',
  'context: ',
  'templates: ',
  'threshold: ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: *a',
  '!!',
  '!!binary ',
  '!!set ',
  '|',
  '>',
  '? ',
  '%YAML 1.2\n',
  '---',
  '...',
  '0.5',
  '-1',
  '.nan',
  '.inf',
  '1e999',
  'null',
  '~',
  'true',
  '{}',
  'icon',
  '#',
  '\t',
  '__proto__: ',
  'a photo of {}',
  '\u2028',
  '\ufeff',
];
const LABELS = [
  '- cat\n- name: dog\n  prompts: [a dog]\n  threshold: 0.5\n',
  'sets:\n  Things:\n    labels: [cat, dog]\n    templates: icon\n  More: [a, b]\n',
  '{"labels": ["cat", {"name": "dog", "synonyms": ["puppy"]}], "threshold": 0.3}',
  'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\nlabels: *c\n',
];

const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-'));

const queries = target({
  name: 'queries',
  inputs: fc.oneof(textOfTokens(QUERY), anyText()),
  read(query) {
    const { terms, filters, colours } = parseQuery(query);
    if (terms.length + filters.length + colours.length === 0) throw new WrongResult('an empty query and no error');
    for (const { weight } of terms) if (!(Math.abs(weight) > 0)) throw new WrongResult(`weight ${weight}`);
    const matches = pathMatcher(filters);
    for (const name of NAMES) matches(name);
  },
});

const globs = target({
  name: 'globs',
  inputs: fc.tuple(fc.oneof(textOfTokens(GLOB), textOfTokens(GLOB, 40), anyText()), fc.boolean()),
  read([glob, isExclude]) {
    const filter = globFilter(isExclude ? { exclude: [glob] } : { include: [glob] });
    for (const name of NAMES) filter.reaches(name);
  },
});

const ignoreFiles = target({
  name: 'ignore-files',
  inputs: fc.oneof(textOfTokens([...GLOB, '\n!', '\r\n', '/\n', ' \n', '\\ '], 30), anyText(200)),
  async read(text) {
    writeFileSync(path.join(folder, '.gitignore'), text);
    const rules = await withRulesOf(noRules(), folder, '', () => undefined);
    for (const name of NAMES) if (!name.startsWith('.') && !name.includes('..')) isIgnored(rules, name);
  },
});

const labels = target({
  name: 'labels',
  inputs: fc.oneof(damaged(LABELS, YAML), textOfTokens(YAML, 30), anyText(200)),
  async read(text) {
    const { sets } = await parseLabels(text, 'labels.yaml');
    if (sets.length === 0 || sets.some((set) => set.labels.length === 0))
      throw new WrongResult('an empty set and no error');
  },
});

const labelSettings = target({
  name: 'label-settings',
  inputs: fc.oneof(
    fc.anything({ maxDepth: 4, withNullPrototype: true, withSparseArray: true }),
    fc.dictionary(
      fc.constantFrom('labels', 'sets', 'templates', 'threshold', 'name', '__proto__', 'x'),
      fc.jsonValue(),
    ),
    fc.array(fc.oneof(fc.string(), fc.record({ name: fc.anything(), threshold: fc.anything() }, { requiredKeys: [] }))),
  ),
  read: (value) => checkLabels(value, 'assetlens.labels'),
});

export const libraryTargets: readonly FuzzTarget[] = [queries, globs, ignoreFiles, labels, labelSettings];
