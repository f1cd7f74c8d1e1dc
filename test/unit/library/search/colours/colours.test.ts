import assert from 'node:assert/strict';
import { coverage, wantedColours } from '../../../../../src/library/search/colours/colourEvidence.ts';
import { membership, parseColour, type Colour } from '../../../../../src/library/search/colours/colour.ts';
import { coloursIn } from '../../../../../src/library/search/colours/colourWords.ts';
import { BASIC_COLOURS } from '../../../../../src/library/search/colours/namedColours.ts';

const exact = (css: string) => {
  const colour = parseColour(css);
  return colour?.kind === 'exact' ? colour.value : assert.fail(`${css} is no color`);
};
const names = (colours: readonly Colour[]): string[] =>
  colours.map((colour) => (colour.kind === 'named' ? [colour.tone, colour.name].filter(Boolean).join(' ') : 'exact'));

describe('Colors in queries', () => {
  for (const [css, name] of [
    ['#e11d2e', 'red'],
    ['#ff0000', 'red'],
    ['#ff8c1a', 'orange'],
    ['#f5c518', 'yellow'],
    ['#ffff00', 'yellow'],
    ['#1a9e3c', 'green'],
    ['#00ff00', 'green'],
    ['#19b5c4', 'cyan'],
    ['#1f4fd8', 'blue'],
    ['#87ceeb', 'cyan'],
    ['#7b1fa2', 'purple'],
    ['#ff69b4', 'pink'],
    ['#ffc0cb', 'pink'],
    ['#7a4a21', 'brown'],
    ['#000000', 'black'],
    ['#222222', 'black'],
    ['#8a8a8a', 'grey'],
    ['#ffffff', 'white'],
  ] as const) {
    it(`call ${css} ${name}`, () => {
      const best = BASIC_COLOURS.map((basic) => ({
        basic,
        fit: membership({ kind: 'named', name: basic }, exact(css)),
      }));
      best.sort((a, b) => b.fit - a.fit);
      assert.equal(best[0]?.basic, name, JSON.stringify(best.slice(0, 3)));
    });
  }

  it('are words with the tones before them', () => {
    assert.deepEqual(names(coloursIn('dark blue car')), ['dark blue']);
    assert.deepEqual(names(coloursIn('Red and gray shield')), ['red', 'grey']);
    assert.deepEqual(names(coloursIn('redo blueprint')), []);
  });

  it('do not include the names of fruits and flowers', () => {
    assert.deepEqual(names(coloursIn('orange')), []);
    assert.deepEqual(names(coloursIn('fruit orange')), []);
    assert.deepEqual(names(coloursIn('orange cat')), ['orange']);
  });

  it('of negative terms count if the term is only a color', () => {
    const wanted = wantedColours([
      { kind: 'text', text: 'red', weight: -1 },
      { kind: 'text', text: 'blue car', weight: -1 },
    ]);
    assert.deepEqual(
      wanted.map(({ weight }) => weight),
      [-1],
    );
  });

  it('narrow their range with a tone', () => {
    const [dark, light] = [exact('#0a1f66'), exact('#9db8ff')];
    assert.ok(membership({ kind: 'named', name: 'blue', tone: 'dark' }, dark) > 0.9);
    assert.equal(membership({ kind: 'named', name: 'blue', tone: 'dark' }, light), 0);
  });

  it('can be exact', () => {
    const red = parseColour('#e11d2e') ?? assert.fail();
    assert.equal(membership(red, exact('#e31f30')), 1);
    assert.equal(membership(red, exact('#1f4fd8')), 0);
    assert.equal(coverage(red, [{ ...exact('#e11d2e'), share: 0.4 }]), 0.4);
    assert.equal(parseColour('no color'), undefined);
  });
});
