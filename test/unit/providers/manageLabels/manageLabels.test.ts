import assert from 'node:assert/strict';
import path from 'node:path';
import { checkLabels, readLabels, readWrittenSets } from '../../../../src/library/index.ts';
import { parseThreshold, textOfField, withField } from '../../../../src/providers/manageLabels/labelFields.ts';
import {
  countLabels,
  withLabel,
  withoutLabel,
  withTemplates,
  writtenLabel,
  type WrittenLabels,
} from '../../../../src/providers/manageLabels/labelsSetting.ts';

const LIST = ['cat', { threshold: 0.4, name: 'dog' }, 'car'];
const SETS = {
  Kind: ['logo', 'photo'],
  Things: { templates: 'icon', threshold: 0.2, labels: ['cat', { name: 'dog', synonyms: ['hound'] }] },
};

describe('The labels setting', () => {
  const json = (value: WrittenLabels): string => JSON.stringify(value);

  it('gets a new label at the end of its set; everything else stays as it is', () => {
    assert.equal(json(withLabel(LIST, '', { name: 'tree' })), json([...LIST, 'tree']));
    const more = withLabel(SETS, 'Things', { name: 'fox', threshold: 0.3 });
    const labels = [...SETS.Things.labels, { name: 'fox', threshold: 0.3 }];
    assert.equal(json(more), json({ ...SETS, Things: { ...SETS.Things, labels } }));
    assert.equal(json(withLabel(SETS, 'New', { name: 'x' })), json({ ...SETS, New: ['x'] }));
    assert.equal(json(withLabel(LIST, 'New', { name: 'x' })), json({ Labels: LIST, New: ['x'] }));
    assert.deepEqual(SETS.Kind, ['logo', 'photo']); // the input is not changed
  });

  it('keeps the place of a changed label, or moves it to another set', () => {
    const renamed = withLabel(LIST, '', { name: 'hound', threshold: 0.4 }, { replaces: 'dog' });
    assert.equal(json(renamed), json(['cat', { threshold: 0.4, name: 'hound' }, 'car']));
    const moved = withLabel(SETS, 'Kind', { name: 'dog', synonyms: ['hound'] }, { replaces: 'dog' });
    assert.equal(
      json(moved),
      json({
        Kind: ['logo', 'photo', { name: 'dog', synonyms: ['hound'] }],
        Things: { ...SETS.Things, labels: ['cat'] },
      }),
    );
  });

  it('loses a label, and its set with the last label', () => {
    assert.deepEqual(withoutLabel(LIST, 'dog'), ['cat', 'car']);
    assert.deepEqual(withoutLabel(withoutLabel(SETS, 'logo'), 'photo'), { Things: SETS.Things });
    assert.equal(withoutLabel(SETS, 'nothing'), SETS);
    assert.equal(countLabels(withoutLabel(['cat'], 'cat')), 0);
    assert.equal(countLabels(SETS), 4);
  });

  it('gets templates, and loses them without a trace', () => {
    const photo = withTemplates(SETS, 'Kind', 'photo');
    assert.deepEqual(photo, { ...SETS, Kind: { templates: 'photo', labels: ['logo', 'photo'] } });
    assert.deepEqual(withTemplates(photo, 'Kind', undefined), SETS);
    assert.deepEqual(withTemplates(LIST, '', 'photo'), { Labels: { templates: 'photo', labels: LIST } });
    assert.equal(withTemplates(LIST, '', undefined), LIST);
  });

  it('contains labels without other properties as plain names', () => {
    assert.equal(writtenLabel({ name: 'cat' }), 'cat');
    assert.equal(
      writtenLabel({ name: 'cat', synonyms: [], threshold: undefined }, { name: 'cat', threshold: 1 }),
      'cat',
    );
    // In the form that the user chose.
    assert.deepEqual(writtenLabel({ name: 'cat' }, { name: 'cat' }), { name: 'cat' });
    const label = { threshold: 0.2, name: 'cat', synonyms: ['kitten'] };
    assert.deepEqual(Object.keys(writtenLabel(label) as object), ['name', 'synonyms', 'threshold']);
  });

  it('can start as a copy of the default labels, with the same meaning', async () => {
    const file = path.resolve(import.meta.dirname, '../../../../models/labels/default.yaml');
    const sets = await readWrittenSets(file);
    const copied = JSON.parse(JSON.stringify(sets)) as unknown;
    assert.deepEqual(checkLabels({ sets: copied }, 'a copy'), await readLabels(file));
    assert.ok(json(sets).includes('"logo"') && json(sets).includes('"templates":"icon"')); // in their short form
    const cat = withLabel(sets, 'Object', { name: 'violin' });
    assert.equal(countLabels(cat), countLabels(sets) + 1);
  });
});

describe('Fields of a label', () => {
  it('are edited as text', () => {
    const label = withField({ name: 'bat', threshold: 0.3 }, 'synonyms', ' flying  mouse, vampire,, vampire ');
    assert.deepEqual(label, { name: 'bat', threshold: 0.3, synonyms: ['flying mouse', 'vampire'] });
    assert.equal(textOfField(label, 'synonyms'), 'flying mouse, vampire');
    const prompts = withField(label, 'prompts', 'a bat, flying | {} at night');
    assert.deepEqual(prompts.prompts, ['a bat, flying', '{} at night']);
    assert.equal(textOfField(prompts, 'prompts'), 'a bat, flying | {} at night');
    assert.equal(withField(label, 'context', 'an animal, not a club').context, 'an animal, not a club');
    assert.deepEqual(writtenLabel(withField(label, 'synonyms', ' , ')), { name: 'bat', threshold: 0.3 });
    assert.equal(withField(label, 'name', '  fruit   bat ').name, 'fruit bat');
  });

  it('accept thresholds as shares or percentages', () => {
    const typed = ['30', '30 %', '0.3', '0,3', '.3', '1', '1.0', '0', '100', '12.5%', '101', '-3', 'x', ''];
    const expected = [0.3, 0.3, 0.3, 0.3, 0.3, 0.01, 1, 0, 1, 0.125, undefined, undefined, undefined, undefined];
    assert.deepEqual(typed.map(parseThreshold), expected);
  });
});
