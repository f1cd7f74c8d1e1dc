import assert from 'node:assert/strict';
import { ensemble, isTemplateSet, promptsOf, templateSets } from '../../../../src/clip/text/prompts.ts';

describe('prompts of a label', () => {
  it('put the name into every template', () => {
    assert.deepEqual(promptsOf({ name: 'dog' }, ['{}', 'a photo of a {}.']), ['dog', 'a photo of a dog.']);
  });

  it('go through every template for every synonym', () => {
    assert.deepEqual(promptsOf({ name: 'dog', synonyms: ['hound'] }, ['{}', 'a {}']), [
      'dog',
      'hound',
      'a dog',
      'a hound',
    ]);
  });

  it('carry the context before the full stop, as the paper writes it', () => {
    assert.deepEqual(promptsOf({ name: 'lily', context: 'a type of flower' }, ['a photo of a {}.', '{}']), [
      'a photo of a lily, a type of flower.',
      'lily, a type of flower',
    ]);
  });

  it("are the label's own where it has some", () => {
    assert.deepEqual(promptsOf({ name: 'error', prompts: ['a red cross', 'an {} sign'] }, ['{}']), [
      'a red cross',
      'an error sign',
    ]);
  });

  it('never repeat', () => {
    assert.deepEqual(promptsOf({ name: 'dog', synonyms: ['dog'] }, ['{}', '{}']), ['dog']);
  });

  it('take names that look like replacement patterns as they are', () => {
    assert.deepEqual(promptsOf({ name: "$& $1 $'" }, ['a {} b']), ["a $& $1 $' b"]);
  });
});

describe('template sets', () => {
  it('hold the seven that OpenAI selected for photos', () => {
    assert.equal(templateSets.photo.length, 7);
    assert.ok(templateSets.photo.every((template) => template.includes('{}')));
  });

  it('are known by name, and inherited properties are none', () => {
    assert.ok(isTemplateSet('icon'));
    assert.ok(!isTemplateSet('constructor'));
  });
});

describe('ensembling', () => {
  it('is the normalised mean of the prompts', () => {
    const mean = ensemble(Float32Array.of(1, 0, 0, 1), 2);
    assert.ok(Math.abs((mean[0] ?? 0) - Math.SQRT1_2) < 1e-6);
    assert.ok(Math.abs((mean[1] ?? 0) - Math.SQRT1_2) < 1e-6);
  });

  it('leaves a single prompt as it is', () => {
    assert.deepEqual([...ensemble(Float32Array.of(0, 1, 0), 3)], [0, 1, 0]);
  });
});
