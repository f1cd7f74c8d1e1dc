import assert from 'node:assert/strict';
import { ensemble, isTemplateSet, promptsOf, templateSets } from '../../../../src/clip/text/prompts.ts';

describe('the prompts of a label', () => {
  it('have the name in every template', () => {
    assert.deepEqual(promptsOf({ name: 'dog' }, ['{}', 'a photo of a {}.']), ['dog', 'a photo of a dog.']);
  });

  it('have every synonym in every template', () => {
    assert.deepEqual(promptsOf({ name: 'dog', synonyms: ['hound'] }, ['{}', 'a {}']), [
      'dog',
      'hound',
      'a dog',
      'a hound',
    ]);
  });

  it('have the context before the full stop, as in the paper', () => {
    assert.deepEqual(promptsOf({ name: 'lily', context: 'a type of flower' }, ['a photo of a {}.', '{}']), [
      'a photo of a lily, a type of flower.',
      'lily, a type of flower',
    ]);
  });

  it("are the label's custom prompts if it has some", () => {
    assert.deepEqual(promptsOf({ name: 'error', prompts: ['a red cross', 'an {} sign'] }, ['{}']), [
      'a red cross',
      'an error sign',
    ]);
  });

  it('have no duplicates', () => {
    assert.deepEqual(promptsOf({ name: 'dog', synonyms: ['dog'] }, ['{}', '{}']), ['dog']);
  });

  it('contain names unchanged that look like replacement patterns', () => {
    assert.deepEqual(promptsOf({ name: "$& $1 $'" }, ['a {} b']), ["a $& $1 $' b"]);
  });
});

describe('the template sets', () => {
  it('include the seven templates that OpenAI selected for photos', () => {
    assert.equal(templateSets.photo.length, 7);
    assert.ok(templateSets.photo.every((template) => template.includes('{}')));
  });

  it('are found by name, but inherited properties are not', () => {
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

  it('does not change a single prompt', () => {
    assert.deepEqual([...ensemble(Float32Array.of(0, 1, 0), 3)], [0, 1, 0]);
  });
});
