import assert from 'node:assert/strict';
import {
  defaultFamily,
  huggingFaceFamily,
  inferArchitecture,
  openClipFamily,
  parseOpenClipArchitecture,
} from '../../../../src/clip/families/index.ts';

describe('the family of a model', () => {
  it('is found by the model type of transformers, which is CLIP where it is missing', () => {
    const nameOf = (json: unknown): string => huggingFaceFamily(json, 'f').family.name;
    assert.equal(nameOf({ model_type: 'clip' }), 'CLIP');
    assert.equal(nameOf({ model_type: 'siglip' }), 'SigLIP');
    assert.equal(nameOf({}), 'CLIP');
    assert.equal(defaultFamily.name, 'CLIP');
  });

  it('is listed in the error if there is none for a model type', () => {
    assert.throws(() => huggingFaceFamily({ model_type: 'siglip2' }, 'config.json'), {
      name: 'UserError',
      message:
        'config.json describes a model of type "siglip2". Only CLIP ("clip") and SigLIP with images of one size ("siglip") can be used.',
    });
  });

  it('is found by the configuration of open_clip', () => {
    assert.equal(openClipFamily({ embed_dim: 512 }).name, 'CLIP');
    assert.equal(openClipFamily({ embed_dim: 512, init_logit_bias: null }).name, 'CLIP');
    assert.equal(openClipFamily({ embed_dim: 768, init_logit_bias: -10 }).name, 'SigLIP');
    assert.throws(() => parseOpenClipArchitecture({ model_cfg: { init_logit_bias: -10 } }, 'f'), /describes a SigLIP/);
    assert.throws(() => parseOpenClipArchitecture({}, 'f'), { name: 'UserError', message: /model_cfg/ });
  });

  it('is unknown for a checkpoint with other tensors and no configuration', () => {
    const tensors = new Map([['lm_head.weight', { shape: [1] }]]);
    assert.throws(() => inferArchitecture(tensors, 'folder'), { name: 'UserError', message: /folder is unknown/ });
  });
});
