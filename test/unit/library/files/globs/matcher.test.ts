import assert from 'node:assert/strict';
import picomatch from 'picomatch';
import { UserError } from '../../../../../src/clip/index.ts';
import { Automaton } from '../../../../../src/library/files/globs/automaton.ts';
import { globMatcher } from '../../../../../src/library/files/globs/matcher.ts';
import { GlobMistake, parseGlob } from '../../../../../src/library/files/globs/parseGlob.ts';
import { parseIgnoreFile } from '../../../../../src/library/files/globs/parseIgnoreFile.ts';

/** A random integer below a limit, from a seed. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
}

function pick<T>(below: (limit: number) => number, items: readonly T[]): T {
  const item = items[below(items.length)];
  assert.ok(item !== undefined);
  return item;
}

const HOSTILE = [
  '*',
  '**',
  '?',
  '/',
  '\\',
  '[',
  ']',
  '{',
  '}',
  ',',
  '(',
  ')',
  '|',
  '!',
  '+',
  '@',
  '.',
  'a',
  '-',
  '^',
  '1..9',
  '😀',
  '\n',
];

describe('globMatcher', () => {
  it('matches ordinary globs as picomatch does', function () {
    this.timeout(60_000);
    const below = random(1);
    const pieces = [
      '*',
      '?',
      'a',
      'b',
      '.png',
      '{a,b}',
      '[ab]',
      '[^a]',
      '*.{png,svg}',
      'ab',
      '@(a|b)',
      '+(a|b)',
      '\\*',
    ];
    const further = ['{a*,b?}', 'A', '.', '1', '{1..3}', '[[:digit:]]'];
    const names = ['a', 'b', 'ab', 'a.png', 'b.svg', '.a', 'A', 'aa.png', '*', '1', 'c', 'bb', 'b1.png', '.png'];
    const many = (count: number, part: () => string): string[] => Array.from({ length: 1 + below(count) }, part);
    const name = (): string =>
      below(4) === 0
        ? '**'
        : many(3, () => pick(below, [...pieces, ...further]))
            .join('')
            .replace(/\*{2,}/g, '*');
    for (let i = 0; i < 5000; i++) {
      const glob = many(4, name).join('/');
      // picomatch takes ")?" as an operator of regular expressions, and "?" as no dot at the start of a name.
      if (/(?:\)|^|\/)\?/.test(glob)) continue;
      const [expected, actual] = [
        picomatch(glob, { dot: true, flags: 'is', windows: false }),
        globMatcher([glob], { ignoreCase: true }),
      ];
      for (let j = 0; j < 20; j++) {
        const file = many(4, () => pick(below, names)).join('/');
        assert.equal(actual(file), expected(file), `${glob} and ${file}`);
      }
    }
  });

  it('matches 100,000 hostile globs in at most one step for each character of the path and of the glob', function () {
    this.timeout(120_000);
    const below = random(2);
    let valid = 0;
    for (let i = 0; i < 100_000; i++) {
      const glob = Array.from({ length: 1 + below(24) }, () => pick(below, HOSTILE)).join('');
      let automaton: Automaton;
      try {
        automaton = new Automaton([parseGlob(glob).pattern], { ignoreCase: true });
        valid++;
      } catch (error) {
        assert.ok(error instanceof GlobMistake, String(error));
        continue;
      }
      // Ranges such as {1..9} are the only part of a glob that takes more steps than it has characters.
      assert.ok(automaton.size <= 12 * glob.length + 12, glob);
      const file = Array.from({ length: 1 + below(40) }, () => pick(below, ['a', 'a', '/', '.', 'b', '1', '😀'])).join(
        '',
      );
      automaton.lastMatch(file);
      assert.ok(
        automaton.steps <= (file.length + 1) * (2 * automaton.size + 1),
        `${glob} took ${automaton.steps} steps for ${file}`,
      );
    }
    assert.ok(valid > 50_000, `${valid}`);
  });

  for (const glob of [
    `**/${'*a'.repeat(400)}b`,
    `${'**/a/'.repeat(150)}b`,
    '+('.repeat(200) + 'a' + ')'.repeat(200),
    '*(a|aa|aaa)'.repeat(60),
    '{a*,'.repeat(100) + 'a' + '}'.repeat(100),
    `*a${'?'.repeat(400)}b`,
    '{'.repeat(900),
    '[['.repeat(400),
    '*\\\\'.repeat(300),
  ]) {
    it(`takes a linear number of steps for ${glob.slice(0, 24)}…`, () => {
      const automaton = new Automaton([parseGlob(glob).pattern], { ignoreCase: false });
      for (const file of ['a'.repeat(4000), 'a/'.repeat(2000), 'ab'.repeat(2000)]) {
        const before = automaton.steps;
        automaton.lastMatch(file);
        assert.ok(automaton.steps - before <= (file.length + 1) * (2 * automaton.size + 1));
      }
    });
  }

  it('matches whole characters, whatever their case', () => {
    const matches = globMatcher(['?/[ä-ö].png', '😀*'], { ignoreCase: true });
    assert.ok(matches('😀/Ö.PNG') && matches('😀') && !matches('xx/ö.png'));
    assert.ok(!globMatcher(['a'], { ignoreCase: false })('A'));
  });

  it('matches everything else for a glob that begins with !', () => {
    const matches = globMatcher(['!src/**'], { ignoreCase: false });
    assert.deepEqual(['src/a.png', 'a.png', 'src'].map(matches), [false, true, false]);
  });

  it('rejects a list of globs that is too long', () => {
    const list = Array.from({ length: 200 }, (_, i) => `${i}${'?'.repeat(900)}`);
    assert.throws(() => globMatcher(list, { ignoreCase: false }), UserError);
  });
});

describe('parseIgnoreFile', () => {
  it('reads 20,000 hostile files and matches their rules in a bounded number of steps', function () {
    this.timeout(60_000);
    const below = random(3);
    for (let i = 0; i < 20_000; i++) {
      const text = Array.from({ length: 1 + below(40) }, () => pick(below, [...HOSTILE, '\n', ' ', '#'])).join('');
      const rules = parseIgnoreFile(text);
      const automaton = new Automaton(
        rules.map(({ pattern }) => pattern),
        { ignoreCase: false },
      );
      automaton.lastMatch('a/aa/a.b/1');
      assert.ok(automaton.steps <= 11 * (2 * automaton.size + 1), JSON.stringify(text));
    }
  });
});
