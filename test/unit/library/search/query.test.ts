import assert from 'node:assert/strict';
import { UserError } from '../../../../src/clip/index.ts';
import { parseQuery, QueryError, type ParsedTerm, type PathFilter } from '../../../../src/library/index.ts';
import { pathMatcher } from '../../../../src/library/files/pathFilter.ts';

const text = (words: string, weight = 1): ParsedTerm => ({ kind: 'text', text: words, weight });
const image = (path: string, weight = 1): ParsedTerm => ({ kind: 'image', path, weight });
const only = (pattern: string): PathFilter => ({ pattern, exclude: false });
const none = (pattern: string): PathFilter => ({ pattern, exclude: true });

describe('parseQuery', () => {
  const terms: readonly (readonly [string, readonly ParsedTerm[]])[] = [
    ['red car', [text('red car')]],
    ['  red \t car\n', [text('red car')]],
    ['red car -road', [text('red car'), text('road', -1)]],
    ['red -road car', [text('red car'), text('road', -1)]],
    ['-road red car', [text('road', -1), text('red car')]],
    ['-road', [text('road', -1)]],
    ['night-time', [text('night-time')]],
    ['a+b c-d', [text('a+b c-d')]],
    ['car -"dirt  road"', [text('car'), text('dirt road', -1)]],
    ['"red car" house', [text('red car'), text('house')]],
    ['say "a \\"b\\" \\\\c"', [text('say'), text('a "b" \\c')]],
    ['5" screen', [text('5" screen')]],
    ['car +sunset', [text('car'), text('sunset')]],
    ['2*sunset', [text('sunset', 2)]],
    ['2*sunset beach', [text('sunset', 2), text('beach')]],
    ['car -0.5*road', [text('car'), text('road', -0.5)]],
    ['car +.25*"dirt road"', [text('car'), text('dirt road', 0.25)]],
    ['car 1.5*"dirt road"', [text('car'), text('dirt road', 1.5)]],
    ['"2*car"', [text('2*car')]],
    ['2x4 *', [text('2x4 *')]],
    ['car +night.png', [text('car'), image('night.png')]],
    ['+night.PNG -day.jpeg', [image('night.PNG'), image('day.jpeg', -1)]],
    ['+"my images/night 1.png"', [image('my images/night 1.png')]],
    ['+/abs/night.webp +C:\\x\\y.bmp', [image('/abs/night.webp'), image('C:\\x\\y.bmp')]],
    ['-2*night.svg', [image('night.svg', -2)]],
    ['0.5*a/night.svg', [image('a/night.svg', 0.5)]],
    ['+"2*3.png"', [image('2*3.png')]],
    ['night.png', [text('night.png')]],
    ['+.png', [text('.png')]],
    ['grüne Bäume 猫 -🚗', [text('grüne Bäume 猫'), text('🚗', -1)]],
    ['constructor __proto__', [text('constructor __proto__')]],
    ['fruit without apple', [text('fruit'), text('apple', -1)]],
    ['car without a road', [text('car'), text('road', -1)]],
    ['sign no text', [text('sign'), text('text', -1)]],
    ['bird not "black bird"', [text('bird'), text('black bird', -1)]],
    ['no entry', [text('no entry')]],
    ['"no entry" sign', [text('no entry'), text('sign')]],
    ['animal not', [text('animal not')]],
    ['animal without -dog', [text('animal without'), text('dog', -1)]],
  ];
  for (const [query, expected] of terms) {
    it(`reads ${JSON.stringify(query)}`, () => {
      assert.deepEqual(parseQuery(query), { terms: expected, filters: [], colours: [] });
    });
  }

  it('parses path words as filters', () => {
    assert.deepEqual(parseQuery('car path:(a|b)+').filters, [only('(a|b)+')]);
    assert.deepEqual(parseQuery('path:icons/ car -path:test PATH:"my icons" +path:*.svg'), {
      terms: [text('car')],
      filters: [only('icons/'), none('test'), only('my icons'), only('*.svg')],
      colours: [],
    });
    assert.deepEqual(parseQuery('pathology').terms, [text('pathology')]);
  });

  it('parses color words as filters', () => {
    assert.deepEqual(parseQuery('heart color:red -colour:GRAY').colours, [
      { colour: { kind: 'named', name: 'red' }, exclude: false },
      { colour: { kind: 'named', name: 'grey' }, exclude: true },
    ]);
    assert.equal(parseQuery('color:#e11d2e').colours[0]?.colour.kind, 'exact');
    assert.deepEqual(parseQuery('colorful').terms, [text('colorful')]);
  });

  it('accepts filters alone', () => {
    assert.deepEqual(parseQuery('path:icons'), { terms: [], filters: [only('icons')], colours: [] });
  });

  const mistakes: readonly (readonly [string, number, RegExp])[] = [
    ['', 0, /Enter words to search for/],
    ['   ', 3, /Enter words to search for/],
    ['color:', 6, /Add a colour/],
    ['red color:reddish', 10, /"reddish" is not a colour/],
    ['2*color:red', 0, /cannot have a weight/],
    ['car "red', 4, /not closed/],
    ['car -"red \\"', 5, /not closed/],
    ['"red"car', 5, /space/],
    ['car ""', 4, /no text between/],
    ['car - road', 4, /no word after "-"/],
    ['car +', 4, /no word after "\+"/],
    ['car 2*', 4, /no word after "2\*"/],
    ['0*car', 0, /weight/],
    ['a 1000*car', 2, /weight/],
    ['car 2*path:x', 4, /cannot have a weight/],
    ['car path:', 9, /Add a path/],
    ['car path:"x', 9, /not closed/],
    ['car path:*{1..5000}', 9, /The glob "\*\{1\.\.5000\}" contains \{1\.\.5000\}, a range of 5000 values/],
  ];
  for (const [query, position, message] of mistakes) {
    it(`reports the position of the mistake in ${JSON.stringify(query)}`, () => {
      assert.throws(
        () => parseQuery(query),
        (error) => {
          assert.ok(error instanceof QueryError && error instanceof UserError);
          assert.match(error.message, message);
          assert.equal(error.position, position);
          const [, shown, caret] = error.message.split('\n');
          assert.deepEqual([shown, caret?.indexOf('^')], [`  ${query}`, position + 2]);
          return true;
        },
      );
    });
  }
});

describe('pathMatcher', () => {
  const matches: readonly (readonly [readonly PathFilter[], string, boolean])[] = [
    [[], 'any.png', true],
    [[only('icons/')], 'src/Icons/a.png', true],
    [[only('icons/')], 'src/icons.png', false],
    [[none('test')], 'src/Test/a.png', false],
    [[none('test')], 'src/a.png', true],
    [[only('src'), only('a.')], 'src/a.png', true],
    [[only('src'), only('b.')], 'src/a.png', false],
    [[only('./src/')], 'src/a.png', true],
    [[only('*.svg')], 'deep/in/a.SVG', true],
    [[only('*.svg')], 'deep/in.svg/a.png', false],
    [[only('icons/*.svg')], 'src/icons/a.svg', true],
    [[only('icons/*.svg')], 'src/icons/deep/a.svg', false],
    [[only('icons/**/')], 'src/icons/deep/a.svg', true],
    [[only('{a,b}.png')], 'x/b.png', true],
    [[only('*.png')], 'line\nbreak/B.png', true],
    [[only('gru\u0308n')], 'Gr\u00fcn.png', true],
    [[only('gr\u00fcn')], 'gru\u0308n.png', true],
    [[only('.hidden/*')], '.hidden/b.png', true],
    [[only('a(1)')], 'x/a(1).png', true],
    [[only('(a|b)+')], 'x/(a|b)+.png', true],
    [[only('*a*b*c*.png')], 'x/1a2b3c4.png', true],
    [[only('*.svg')], 'x/icons.svg#heart', true],
    [[only('icons.svg')], 'x/icons.svg#heart', true],
    [[only('#heart')], 'x/icons.svg#heart', true],
    [[only('*.svg#heart')], 'x/icons.svg#heart', true],
    [[only('*.svg#heart')], 'x/icons.svg#star', false],
    [[none('*.svg')], 'x/icons.svg#heart', false],
    [[none('heart')], 'x/icons.svg#heart', false],
    [[none('heart')], 'x/icons.svg#star', true],
  ];
  for (const [filters, file, expected] of matches) {
    it(`${expected ? 'accepts' : 'rejects'} ${file} for ${JSON.stringify(filters.map((filter) => filter.pattern))}`, () => {
      assert.equal(pathMatcher(filters)(file), expected);
    });
  }
});

describe('Globs of queries', () => {
  for (const [glob, file] of [
    ['*a*b*c*', '1a2b3c4'],
    ['**/*a*/**/*b*/**/*c*', 'x/1a/b/c'],
    ['{*.png,*.jpg,*.gif,*.webp,*.svg,*.bmp}', 'x.svg'],
    ['@(*.png|*.jpg|*.gif|*.webp|*.svg)', 'x.svg'],
    ['{a/*,b/*,c/*,d/*,e/*}.png', 'e/x.png'],
    ['*.+(png|jpg)', 'x.png'],
    ['\\*\\*\\*\\*\\*?', '*****x'],
    ['[*][*][*][*][*]', '*****'],
    ['*a*a*a*a*a*a*a*a*', 'aaaaaaaaa'],
    ['+(*a)b', 'caab'],
    ['+(a?(a))b', 'aaab'],
    ['{*a,*a,*a', '{xa,ya,za'],
    ['[id].png', 'x/[id].png'],
    ['[id].png', 'x/d.png'],
    ['(shop)/*.png', 'app/(shop)/a.png'],
    ['*\\\\\\\\', 'a\\\\'],
  ] as const) {
    it(`match: ${glob}`, () => {
      assert.equal(pathMatcher([only(glob)])(file), true);
    });
  }

  for (const [glob, mistake] of [
    ['*\\', /ends in a backslash that escapes nothing\. Remove it/],
    ['[!a)*\\\\\\', /ends in a backslash/],
    ['!(a)*', /contains !\(…\), which is not supported/],
    ['{1..100000}', /a range of 100000 values, but the limit is 1000/],
    ['*'.padEnd(2000, 'a'), /^The glob "\*a{79}…" has 2000 characters, but the limit is 1000/],
  ] as const) {
    it(`with a mistake are rejected with a reason: ${glob.slice(0, 20)}`, () => {
      const check = (error: Error): boolean => error instanceof UserError && mistake.test(error.message);
      assert.throws(() => pathMatcher([only(glob)]), check);
      assert.throws(() => pathMatcher([none(glob)]), check);
    });
  }
});

describe('A query that is too long', () => {
  it('is rejected', () => {
    assert.throws(() => parseQuery('a '.repeat(3000)), /The query has 6000 characters, but the limit is 4000/);
  });
});
