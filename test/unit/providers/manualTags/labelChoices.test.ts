import assert from 'node:assert/strict';
import { knownLabels, labelChoices } from '../../../../src/providers/manualTags/labelChoices.ts';
import { undoOf } from '../../../../src/workspace/tags/undo.ts';
import { labelSet } from '../tagTree/tagTreeImages.ts';

describe('Labels to choose from', () => {
  const known = knownLabels([labelSet('Kind', 'Flag', 'photo'), labelSet('Object', 'photo', 'bell')], ['mine', 'bell']);

  it('are those of the sets and those given by hand, each once', () => {
    assert.deepEqual(
      known.map(({ set, label }) => `${set}/${label}`),
      ['Kind/Flag', 'Kind/photo', 'Object/bell', '/mine'],
    );
  });

  it('have what is typed above them, unless it is one of them', () => {
    const typed = (text: string): string[] =>
      labelChoices(known, text)
        .filter(({ isNew }) => isNew)
        .map(({ label }) => label);
    assert.deepEqual(typed('rocket'), ['rocket']);
    assert.equal(labelChoices(known, 'rocket')[0]?.label, 'rocket');
    assert.deepEqual(typed('  big \t rocket\n'), ['big rocket']);
    assert.deepEqual(typed('fla'), ['fla']); // a part of a label is another label
    for (const none of ['', '   ', 'flag', ' FLAG ', 'mine', 'x'.repeat(81)]) assert.deepEqual(typed(none), [], none);
    assert.equal(labelChoices(known, 'flag').length, known.length);
  });
});

describe('Undo of tags given by hand', () => {
  it('says again what was said before, and takes back what was not', () => {
    const before = [
      { hash: 'a', label: 'cat', holds: true },
      { hash: 'b', label: 'cat', holds: false },
      { hash: 'a', label: 'dog', holds: true }, // not touched
    ];
    const changes = ['a', 'b', 'c'].map((hash) => ({ hash, label: 'cat', holds: null }));
    assert.deepEqual(undoOf(changes, before), [
      { hash: 'a', label: 'cat', holds: true },
      { hash: 'b', label: 'cat', holds: false },
      { hash: 'c', label: 'cat', holds: null },
    ]);
  });
});
