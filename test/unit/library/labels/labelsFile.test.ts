import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { UserError, templateSets } from '../../../../src/clip/index.ts';
import { checkLabels, readLabels } from '../../../../src/library/index.ts';
import { parseLabels } from '../../../../src/library/labels/labelsFile.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

const yaml = (...lines: string[]): string => lines.join('\n');

describe('readLabels', () => {
  it('reads a list of names and objects, in YAML or JSON', async () => {
    const expected = [
      { name: 'cat' },
      { name: 'tabby', prompts: ['a {} cat'], context: 'a kind of cat', synonyms: ['tiger cat'], threshold: 0.7 },
    ];
    const asYaml = yaml(
      '# animals',
      '- cat',
      '- name: " tabby "',
      '  prompts: ["a {} cat"]',
      '  context: a kind of cat',
      '  synonyms:',
      '    - tiger cat',
      '  threshold: 0.7',
    );
    await using folder = await temporaryFolder({ 'l.yaml': asYaml, 'l.json': JSON.stringify(expected, null, '\t') });
    assert.deepEqual(await readLabels(folder.at('l.yaml')), { sets: [{ name: '', labels: expected }] });
    assert.deepEqual(await readLabels(folder.at('l.json')), { sets: [{ name: '', labels: expected }] });
  });

  it('reads labels with templates: a list, or the name of a template set', async () => {
    const content = '{"templates": ["a {} icon"], "labels": ["cat", "yes", "x: y"]}';
    const [set] = (await parseLabels(content, 'l')).sets;
    assert.deepEqual([set?.labels.map((label) => label.name), set?.templates], [['cat', 'yes', 'x: y'], ['a {} icon']]);
    const [photos] = (await parseLabels('templates: photo\nlabels: [cat]', 'l')).sets;
    assert.deepEqual(photos?.templates, [...templateSets.photo]);
  });

  it('reads several label sets under their names', async () => {
    const content = yaml(
      'sets:',
      '  Kind: { templates: ["a {}"], threshold: 0.4, labels: [flag] }',
      '  Things: [cat, dog]',
    );
    assert.deepEqual((await parseLabels(content, 'l')).sets, [
      { name: 'Kind', templates: ['a {}'], threshold: 0.4, labels: [{ name: 'flag' }] },
      { name: 'Things', labels: [{ name: 'cat' }, { name: 'dog' }] },
    ]);
  });

  it('reports the property paths of mistakes in settings', () => {
    const value = { sets: { Kind: { labels: ['flag', { name: 'logo', threshold: 7 }] }, Things: ['cat', 'Flag', 3] } };
    assert.throws(() => checkLabels(value, 'the setting'), {
      name: 'UserError',
      message:
        'The labels in the setting have 2 mistakes:\n  Kind.labels[1].threshold: "threshold" is outside 0 to 1\n' +
        '  Things[2].name: "name" is not a text; put it in quotes',
    });
    assert.throws(
      () => checkLabels(['cat', 'CAT'], 'the setting'),
      /\[1\]: duplicate label "CAT", first defined in \[0\]/,
    );
  });

  it('reports a missing file', async () => {
    await assert.rejects(readLabels('/none/labels.yaml'), (error) => {
      return error instanceof UserError && error.message.includes('labels.yaml cannot be read');
    });
  });

  const mistakes: readonly (readonly [string, string, readonly (readonly [number, RegExp])[]])[] = [
    ['nothing', '', [[1, /the file is not a list/]]],
    ['a word', 'cat', [[1, /list of labels/]]],
    ['no labels', '[]', [[1, /has no label/]]],
    ['labels that are not a list', 'templates: icon\nlabels: cat', [[2, /not a list/]]],
    ['missing labels', 'templates: icon', [[1, /not a list of labels/]]],
    ['bad YAML', yaml('- cat', '- "dog'), [[2, /./]]],
    ['bad JSON', '[\n"cat",\n{"name": "dog" "x": 1}\n]', [[3, /./]]],
    [
      'an empty item',
      yaml('- cat', '-', '- ""', "- '  '"),
      [
        [2, /empty/],
        [3, /empty/],
        [4, /empty/],
      ],
    ],
    [
      'a number',
      yaml('- cat', '- 2024', '- true'),
      [
        [2, /quotes/],
        [3, /quotes/],
      ],
    ],
    ['a list in the list', '- [a, b]', [[1, /label 1 is neither a name nor an object/]]],
    ['no name', yaml('- cat', '- threshold: 0.5'), [[2, /label 2 has no name/]]],
    ['an empty name', yaml('- cat', '- name:'), [[2, /"name" is empty/]]],
    [
      'duplicate names',
      yaml('- cat', '- dog', '- name: Cat', '- dog '),
      [
        [3, /"Cat", first defined in line 1/],
        [4, /"dog", first defined in line 2/],
      ],
    ],
    [
      'thresholds',
      yaml(
        '- name: a',
        '  threshold: 1.5',
        '- name: b',
        '  threshold: -1',
        '- name: c',
        '  threshold: 50%',
        '- {name: d, threshold: .nan}',
      ),
      [
        [2, /"threshold" is outside 0 to 1/],
        [4, /outside/],
        [6, /not a number/],
        [7, /not a number/],
      ],
    ],
    [
      'unknown keys',
      yaml('- name: a', '  synonims: [b]', '  colour: red', '- nmae: b'),
      [
        [2, /unknown property "synonims"; did you mean "synonyms"\?/],
        [3, /unknown property "colour"; the properties are name, prompts/],
        [4, /label 2 has no name/],
        [4, /"nmae".*"name"\?/],
      ],
    ],
    [
      'mistakes in label sets',
      yaml(
        'sets:',
        '  Kind:',
        '    labels: [flag]',
        '    treshold: 0.2',
        '  Things:',
        '    - cat',
        '    - {}',
        '    - Flag',
      ),
      [
        [4, /unknown property "treshold"; did you mean "threshold"\?/],
        [7, /entry 2 of "Things" has no name/],
      ],
    ],
    ['a label in two sets', yaml('sets:', '  A: [cat]', '  B:', '    - Cat'), [[4, /"Cat", first defined in line 2/]]],
    ['no label sets', yaml('sets: {}'), [[1, /has no label sets/]]],
    ['an unknown key at the top', yaml('labels: [cat]', 'template: [x]'), [[2, /"template".*"templates"\?/]]],
    [
      'wrong lists',
      yaml('- name: a', '  prompts: a {}', '  synonyms: [b, 3]'),
      [
        [2, /"prompts" is not a list/],
        [3, /entry 2 of "synonyms" is not a text/],
      ],
    ],
    [
      'templates without {}',
      yaml('templates:', '  - a {} icon', '  - an icon', 'labels: [cat]'),
      [[3, /entry 2 of "templates" has no {}/]],
    ],
    [
      'an unknown template set',
      yaml('templates: ikon', 'labels: [cat]'),
      [
        [
          1,
          /"templates" is "ikon", which is not a template set; did you mean "icon"\? the sets are name, icon, .*photo/,
        ],
      ],
    ],
    ['templates that are not a list', yaml('templates: 3', 'labels: [cat]'), [[1, /"templates" is not a list/]]],
    ['duplicate keys', yaml('- name: a', '  name: b'), [[2, /unique/]]],
    ['an unresolved alias', '- *cat', [[1, /./]]],
  ];
  for (const [what, content, expected] of mistakes) {
    it(`reports the line numbers of mistakes: ${what}`, async () => {
      await assert.rejects(parseLabels(content, 'my labels.yaml'), (error) => {
        assert.ok(error instanceof UserError, String(error));
        const [head, ...lines] = error.message.split('\n');
        assert.match(head ?? '', /^The labels in my labels\.yaml have (a mistake|\d+ mistakes):$/);
        assert.deepEqual(
          lines.map((line) => Number(/^ {2}line (\d+): /.exec(line)?.[1])),
          expected.map(([line]) => line),
          error.message,
        );
        for (const [i, [, reason]] of expected.entries()) assert.match(lines[i] ?? '', reason);
        return true;
      });
    });
  }

  it('rejects a file whose aliases expand without limit', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef'])
      bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`);
    await assert.rejects(parseLabels(bomb.join('\n'), 'l.yaml'), UserError);
  });

  it('lists twenty mistakes, and the number of the others', async () => {
    const content = Array.from({ length: 1000 }, () => '- 5').join('\n');
    await assert.rejects(parseLabels(content, 'l.yaml'), ({ message }: Error) => {
      const lines = message.split('\n');
      assert.equal(lines.length, 22);
      assert.match(lines[0] ?? '', /have 1000 mistakes/);
      assert.equal(lines.at(-1), '  … and 980 more');
      return true;
    });
  });

  it('shortens a mistake, whatever the length of a name', async () => {
    const content = JSON.stringify({ labels: ['a'], ['k'.repeat(1_000_000)]: 1 });
    await assert.rejects(parseLabels(content, 'l.yaml'), ({ message }: Error) => message.length < 500);
  });

  it('rejects a file that is nested too deep', async () => {
    for (const content of ['['.repeat(100_000), '- '.repeat(50_000), '{a: '.repeat(50_000)]) {
      await assert.rejects(
        parseLabels(content, 'l.yaml'),
        /l\.yaml have a mistake:\n {2}line 1: the file is nested too deep/,
      );
    }
  });

  it('rejects a file of mistakes that take long to read, and one of too many mistakes', async () => {
    for (const line of ['}', '-', "- ''", 'a: b', '- *a', '- {}']) {
      const content = `${line}\n`.repeat(1_000_000 / (line.length + 1));
      await assert.rejects(parseLabels(content, 'l.yaml'), (error) => error instanceof UserError, line);
    }
  }).timeout(120_000);

  it('rejects a pipe, a device and a very large file without waiting for them', async function () {
    if (process.platform === 'win32') this.skip();
    await using folder = await temporaryFolder({ 'large.yaml': '- a\n'.repeat(250_001) });
    execFileSync('mkfifo', [folder.at('pipe.yaml')]);
    await assert.rejects(readLabels(folder.at('pipe.yaml')), /cannot be read \(it is a pipe, not a file\)/);
    await assert.rejects(readLabels('/dev/zero'), /cannot be read \(it is a device, not a file\)/);
    await assert.rejects(readLabels(folder.at('large.yaml')), /\(1\.000004 MB exceeds the limit of 1 MB\)/);
  });
});
