import assert from 'node:assert/strict';
import { knownLabels, labelChoices } from '../../../../src/providers/manualTags/labelChoices.ts';
import { labelSet } from '../../taggedImages/samples.ts';

describe('Labels to choose from', () => {
  const known = knownLabels([labelSet('Kind', 'Flag', 'photo'), labelSet('Object', 'photo', 'bell')], ['mine', 'bell']);

  it('are the labels of the sets and the manual labels, each once', () => {
    assert.deepEqual(
      known.map(({ set, label }) => `${set}/${label}`),
      ['Kind/Flag', 'Kind/photo', 'Object/bell', '/mine'],
    );
  });

  it('begin with the typed text, unless it is an existing label', () => {
    const typed = (text: string): string[] =>
      labelChoices(known, text)
        .filter(({ isNew }) => isNew)
        .map(({ label }) => label);
    assert.deepEqual(typed('rocket'), ['rocket']);
    assert.equal(labelChoices(known, 'rocket')[0]?.label, 'rocket');
    assert.deepEqual(typed('  big \t rocket\n'), ['big rocket']);
    assert.deepEqual(typed('fla'), ['fla']); // a part of a label is a new label
    for (const none of ['', '   ', 'flag', ' FLAG ', 'mine', 'x'.repeat(81)]) assert.deepEqual(typed(none), [], none);
    assert.equal(labelChoices(known, 'flag').length, known.length);
  });
});
