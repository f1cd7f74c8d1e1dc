import assert from 'node:assert/strict';
import { clipArchitecture, type ClipConfig } from '../../../../../src/clip/families/clip/architecture.ts';
import { parseHuggingFaceConfig } from '../../../../../src/clip/families/clip/huggingFaceConfig.ts';
import { clip } from '../../../../../src/clip/families/clip/index.ts';
import { inferConfig } from '../../../../../src/clip/families/clip/inferredConfig.ts';
import { parseOpenClipConfig, parseOpenClipSizes } from '../../../../../src/clip/families/clip/openClipConfig.ts';
import type { TensorShapes } from '../../../../../src/clip/families/index.ts';
import { UserError } from '../../../../../src/base/userError.ts';

const b32 = {
  vision: {
    kind: 'visionTransformer',
    imageSize: 224,
    patchSize: 32,
    width: 768,
    layers: 12,
    heads: 12,
    mlpWidth: 3072,
    activation: 'quickGelu',
    layerNormEpsilon: 1e-5,
    embeddingSize: 512,
  },
  text: {
    contextLength: 77,
    vocabularySize: 49408,
    width: 512,
    layers: 12,
    heads: 8,
    mlpWidth: 2048,
    activation: 'quickGelu',
    layerNormEpsilon: 1e-5,
    embeddingSize: 512,
  },
};
const text = { context_length: 77, vocab_size: 49408, width: 512, heads: 8, layers: 12 };

function shapesOf(shapes: Readonly<Record<string, readonly number[]>>): TensorShapes {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, { shape }]));
}

const textShapes = {
  'ln_final.weight': [512],
  text_projection: [512, 512],
  positional_embedding: [77, 512],
  'token_embedding.weight': [49408, 512],
  'transformer.resblocks.0.mlp.c_fc.weight': [2048, 512],
  ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`transformer.resblocks.${at}.ln_1.weight`, [512]])),
};

describe('the configuration of a CLIP', () => {
  it('has the values of ViT-B/32 where transformers omits them', () => {
    assert.deepEqual(parseHuggingFaceConfig({ model_type: 'clip', vision_config: {}, text_config: null }, 'f'), b32);
  });

  it('uses the dictionaries of older exports of transformers first', () => {
    const config = { vision_config: { hidden_size: 768 }, vision_config_dict: { patch_size: 14, hidden_act: 'gelu' } };
    const { vision } = parseHuggingFaceConfig(config, 'f');
    assert.deepEqual(vision, { ...b32.vision, patchSize: 14, activation: 'gelu' });
  });

  it('can be read for vision transformers of open_clip', () => {
    const model = {
      embed_dim: 512,
      vision_cfg: { image_size: 224, layers: 12, width: 768, patch_size: 32 },
      text_cfg: text,
    };
    assert.deepEqual(parseOpenClipConfig({ model_cfg: { ...model, quick_gelu: true } }, 'f'), b32);
    assert.equal(parseOpenClipConfig({ model_cfg: model }, 'f').text.activation, 'gelu');
  });

  it('can be read for residual networks of open_clip', () => {
    const vision = { image_size: 448, layers: [3, 15, 36, 10], width: 128, patch_size: null };
    const model = { embed_dim: 1024, vision_cfg: vision, text_cfg: text };
    assert.deepEqual(parseOpenClipConfig({ model_cfg: model }, 'f').vision, {
      kind: 'modifiedResNet',
      imageSize: 448,
      layers: [3, 15, 36, 10],
      width: 128,
      heads: 64,
      embeddingSize: 1024,
    });
  });

  it('is refused with options of open_clip that are not in the paper, which the error names', () => {
    const model = {
      embed_dim: 768,
      vision_cfg: { timm_model_name: 'vit_base' },
      text_cfg: { hf_model_name: 'roberta' },
    };
    assert.throws(() => parseOpenClipConfig({ model_cfg: model }, 'f'), /timm_model_name[^]*hf_model_name/);
    const unused = { embed_dim: 512, vision_cfg: { attentional_pool: false, patch_dropout: 0.5 }, text_cfg: text };
    assert.equal(parseOpenClipConfig({ model_cfg: unused }, 'f').vision.embeddingSize, 512);
    const used = { ...unused, text_cfg: { ...text, no_causal_mask: true } };
    assert.throws(() => parseOpenClipConfig({ model_cfg: used }, 'f'), /no_causal_mask/);
  });

  it('can be inferred for a vision transformer from the shapes of its tensors', () => {
    const blocks = Array.from({ length: 12 }, (_, at) => [`visual.transformer.resblocks.${at}.ln_1.weight`, [768]]);
    const shapes = {
      ...textShapes,
      'visual.class_embedding': [768],
      'visual.conv1.weight': [768, 3, 32, 32],
      'visual.positional_embedding': [50, 768],
      'visual.transformer.resblocks.0.mlp.c_fc.weight': [3072, 768],
      ...(Object.fromEntries(blocks) as Record<string, number[]>),
    };
    assert.deepEqual(inferConfig(shapesOf(shapes), 'f'), b32);
  });

  it('can be inferred for a residual network from the shapes of its tensors', () => {
    const blocks = [4, 6, 10, 6].flatMap((count, stage) =>
      Array.from({ length: count }, (_, at) => [`visual.layer${stage + 1}.${at}.bn1.weight`, [80]]),
    );
    const shapes = {
      ...textShapes,
      'visual.layer1.0.conv1.weight': [80, 80, 1, 1],
      'visual.attnpool.positional_embedding': [82, 2560],
      ...(Object.fromEntries(blocks) as Record<string, number[]>),
    };
    assert.deepEqual(inferConfig(shapesOf(shapes), 'f').vision, {
      kind: 'modifiedResNet',
      imageSize: 288,
      layers: [4, 6, 10, 6],
      width: 80,
      heads: 40,
      embeddingSize: 512,
    });
  });

  it('is refused with an unsupported value of transformers, which the error names', () => {
    assert.throws(() => parseHuggingFaceConfig({ vision_config: { hidden_act: 'silu' } }, 'f'), /hidden_act/);
  });

  it('is refused if its sizes cannot be built', () => {
    const config = parseHuggingFaceConfig({}, 'f');
    const refused = (wrong: ClipConfig, message: RegExp): void => {
      assert.throws(
        () => {
          clipArchitecture(clip, wrong, 'my folder');
        },
        (error) => error instanceof UserError && error.message.includes('my folder') && message.test(error.message),
      );
    };
    clipArchitecture(clip, config, 'f');
    const { vision, text } = config;
    refused({ text, vision: { ...vision, imageSize: Math.sqrt(50) * 32 } }, /vision\.imageSize is 226\.2\d+, .*whole/);
    refused({ text, vision: { ...vision, heads: 770 / 64 } }, /vision\.heads is 12\.03125, .*whole/);
    refused({ vision, text: { ...text, embeddingSize: 0 } }, /text\.embeddingSize is 0, /);
    refused({ vision, text: { ...text, width: -512 } }, /text\.width is -512, /);
    const network = { kind: 'modifiedResNet', imageSize: 64, width: 4, heads: 2, embeddingSize: 8 } as const;
    clipArchitecture(clip, { text, vision: { ...network, layers: [1, 1, 1, 1] } }, 'f');
    refused({ text, vision: { ...network, layers: [1, 0, 1, 1] } }, /vision\.layers\[1\] is 0, /);
    refused({ text, vision: { ...network, layers: [1, 1, 1, 1], width: 3 } }, /vision\.width is 3, but must be even/);
    refused({ text, vision: { ...network, layers: [1, 1, 1, 1], imageSize: 63 } }, /imageSize is 63, .*multiple of 32/);
  });

  it('is refused for a third-party graph whose padding changes an embedding', () => {
    const model = { embed_dim: 512, vision_cfg: {}, text_cfg: {} };
    assert.deepEqual(parseOpenClipSizes(model, 'f'), {
      imageSize: 224,
      contextLength: 77,
      embeddingSize: 512,
      vocabularySize: 49408,
    });
    const uncausal = { ...model, text_cfg: { no_causal_mask: true } };
    assert.throws(() => parseOpenClipSizes(uncausal, 'f'), { name: 'UserError', message: /no_causal_mask/ });
  });

  it('cannot be inferred without a tensor, which the error names', () => {
    assert.throws(
      () => inferConfig(shapesOf({ 'ln_final.weight': [512] }), 'folder'),
      /folder is unknown.*"text_projection"/,
    );
  });
});
