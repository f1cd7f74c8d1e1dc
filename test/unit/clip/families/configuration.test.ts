import assert from 'node:assert/strict';
import type { ClipConfig } from '../../../../src/clip/families/clip/clip.ts';
import { assertShape } from '../../../../src/clip/families/clip/shape.ts';
import { parseHuggingFaceConfig } from '../../../../src/clip/families/clip/huggingFaceConfig.ts';
import { inferConfig } from '../../../../src/clip/families/clip/inferredConfig.ts';
import { parseOpenClipConfig } from '../../../../src/clip/families/clip/openClipConfig.ts';
import {
  openaiPreprocessing,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
} from '../../../../src/clip/checkpoint/preprocessing.ts';
import type { StoredTensor } from '../../../../src/clip/checkpoint/safetensors.ts';
import { UserError } from '../../../../src/base/userError.ts';

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

function stored(shapes: Readonly<Record<string, readonly number[]>>): Map<string, StoredTensor> {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, StoredTensor] => [
    name,
    { name, shape, type: 'F16', file: 'model.safetensors', offset: 0, byteLength: 0 },
  ]);
  return new Map(tensors);
}

const textShapes = {
  'ln_final.weight': [512],
  text_projection: [512, 512],
  positional_embedding: [77, 512],
  'token_embedding.weight': [49408, 512],
  'transformer.resblocks.0.mlp.c_fc.weight': [2048, 512],
  ...Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`transformer.resblocks.${at}.ln_1.weight`, [512]])),
};

describe('configuration of a checkpoint', () => {
  it('takes what transformers leaves out for ViT-B/32', () => {
    assert.deepEqual(parseHuggingFaceConfig({ model_type: 'clip', vision_config: {}, text_config: null }, 'f'), b32);
  });

  it('lets the dictionaries of older exports of transformers win', () => {
    const config = { vision_config: { hidden_size: 768 }, vision_config_dict: { patch_size: 14, hidden_act: 'gelu' } };
    const { vision } = parseHuggingFaceConfig(config, 'f');
    assert.deepEqual(vision, { ...b32.vision, patchSize: 14, activation: 'gelu' });
  });

  it('takes what transformers leaves out of a SigLIP for B/16', () => {
    const text = { vocab_size: 256_000, projection_size: 768 };
    const config = parseHuggingFaceConfig({ model_type: 'siglip', text_config: text }, 'f');
    const shape = { width: 768, layers: 12, heads: 12, mlpWidth: 3072, activation: 'geluTanh', layerNormEpsilon: 1e-6 };
    assert.deepEqual(config, {
      kind: 'siglip',
      vision: { kind: 'siglipTransformer', imageSize: 224, patchSize: 16, ...shape, embeddingSize: 768 },
      text: { contextLength: 64, vocabularySize: 256_000, ...shape, embeddingSize: 768 },
    });
    assert.throws(
      () => parseHuggingFaceConfig({ model_type: 'siglip', text_config: { projection_size: 512 } }, 'f'),
      /images 768 and texts 512/,
    );
  });

  it('says which other model a config.json describes', () => {
    assert.throws(() => parseHuggingFaceConfig({ model_type: 'siglip2' }, 'f'), /model of type "siglip2"/);
    assert.throws(() => parseHuggingFaceConfig({ vision_config: { hidden_act: 'silu' } }, 'f'), /hidden_act/);
  });

  it('reads the vision transformers of open_clip', () => {
    const model = {
      embed_dim: 512,
      vision_cfg: { image_size: 224, layers: 12, width: 768, patch_size: 32 },
      text_cfg: text,
    };
    assert.deepEqual(parseOpenClipConfig({ model_cfg: { ...model, quick_gelu: true } }, 'f'), b32);
    assert.equal(parseOpenClipConfig({ model_cfg: model }, 'f').text.activation, 'gelu');
  });

  it('reads the residual networks of open_clip', () => {
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

  it('names the options of open_clip that are not of the paper', () => {
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

  it('infers a vision transformer from the shapes of its tensors', () => {
    const blocks = Array.from({ length: 12 }, (_, at) => [`visual.transformer.resblocks.${at}.ln_1.weight`, [768]]);
    const shapes = {
      ...textShapes,
      'visual.class_embedding': [768],
      'visual.conv1.weight': [768, 3, 32, 32],
      'visual.positional_embedding': [50, 768],
      'visual.transformer.resblocks.0.mlp.c_fc.weight': [3072, 768],
      ...(Object.fromEntries(blocks) as Record<string, number[]>),
    };
    assert.deepEqual(inferConfig(stored(shapes), 'f'), b32);
  });

  it('infers a residual network from the shapes of its tensors', () => {
    const blocks = [4, 6, 10, 6].flatMap((count, stage) =>
      Array.from({ length: count }, (_, at) => [`visual.layer${stage + 1}.${at}.bn1.weight`, [80]]),
    );
    const shapes = {
      ...textShapes,
      'visual.layer1.0.conv1.weight': [80, 80, 1, 1],
      'visual.attnpool.positional_embedding': [82, 2560],
      ...(Object.fromEntries(blocks) as Record<string, number[]>),
    };
    assert.deepEqual(inferConfig(stored(shapes), 'f').vision, {
      kind: 'modifiedResNet',
      imageSize: 288,
      layers: [4, 6, 10, 6],
      width: 80,
      heads: 40,
      embeddingSize: 512,
    });
  });

  it('is refused where its sizes cannot be built', () => {
    const config = parseHuggingFaceConfig({}, 'f');
    assert.ok(config.kind !== 'siglip');
    const refused = (wrong: ClipConfig, message: RegExp): void => {
      assert.throws(
        () => {
          assertShape(wrong, 'my folder');
        },
        (error) => error instanceof UserError && error.message.includes('my folder') && message.test(error.message),
      );
    };
    assertShape(config, 'f');
    const { vision, text } = config;
    refused({ text, vision: { ...vision, imageSize: Math.sqrt(50) * 32 } }, /vision\.imageSize is 226\.2\d+, .*whole/);
    refused({ text, vision: { ...vision, heads: 770 / 64 } }, /vision\.heads is 12\.03125, .*whole/);
    refused({ vision, text: { ...text, embeddingSize: 0 } }, /text\.embeddingSize is 0, /);
    refused({ vision, text: { ...text, width: -512 } }, /text\.width is -512, /);
    const network = { kind: 'modifiedResNet', imageSize: 64, width: 4, heads: 2, embeddingSize: 8 } as const;
    assertShape({ text, vision: { ...network, layers: [1, 1, 1, 1] } }, 'f');
    refused({ text, vision: { ...network, layers: [1, 0, 1, 1] } }, /vision\.layers\[1\] is 0, /);
    refused({ text, vision: { ...network, layers: [1, 1, 1, 1], width: 3 } }, /vision\.width is 3, but must be even/);
    refused({ text, vision: { ...network, layers: [1, 1, 1, 1], imageSize: 63 } }, /imageSize is 63, .*multiple of 32/);
  });

  it('says what it misses when the shapes tell nothing', () => {
    assert.throws(
      () => inferConfig(stored({ 'lm_head.weight': [1] }), 'folder'),
      /folder is unknown.*"ln_final.weight"/,
    );
  });
});

describe('pre-processing of a checkpoint', () => {
  it('is that of OpenAI where nothing is said', () => {
    assert.deepEqual(parseOpenClipPreprocessing({ model_cfg: {} }, 'f'), openaiPreprocessing);
    assert.deepEqual(parseHuggingFacePreprocessing({}, 'f', 224), openaiPreprocessing);
  });

  it('takes the fill colour for the background where images are letterboxed', () => {
    const config = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], interpolation: 'area' };
    const of = (more: object, beside: object = {}) =>
      parseOpenClipPreprocessing({ preprocess_cfg: { ...config, ...more }, ...beside }, 'f');
    assert.deepEqual(of({ resize_mode: 'longest', fill_color: 255 }), {
      statistics: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      resize: 'longest',
      interpolation: 'area',
      background: [255, 255, 255],
    });
    assert.deepEqual(of({ resize_mode: 'longest', fill_color: [1, 2, 3] }).background, [1, 2, 3]);
    assert.equal(of({ resize_mode: 'shortest', fill_color: 0 }).background, 'contrast');
    assert.equal(of({ resize_mode: 'longest', fill_color: 255, background: 'contrast' }).background, 'contrast');
    assert.equal(of({ resize_mode: 'longest' }, { assetlens: { background: 'contrast' } }).background, 'contrast');
  });

  it('softens pixels for checkpoints that ask for it, and for no others', () => {
    const of = (json: object) => parseOpenClipPreprocessing({ preprocess_cfg: {}, ...json }, 'f').statistics.soften;
    assert.equal(of({ assetlens: { soften: true } }), true);
    assert.equal(of({ assetlens: { soften: false } }), undefined);
    assert.equal(of({}), undefined);
  });

  it('reads old and new sizes of transformers', () => {
    const square = { height: 336, width: 336 };
    assert.equal(parseHuggingFacePreprocessing({ size: 336, crop_size: 336 }, 'f', 336).resize, 'shortest');
    const cropped = { size: { shortest_edge: 336 }, crop_size: square };
    assert.equal(parseHuggingFacePreprocessing(cropped, 'f', 336).resize, 'shortest');
    assert.equal(parseHuggingFacePreprocessing({ size: square, do_center_crop: false }, 'f', 336).resize, 'squash');
  });

  it('of SigLIP never crops, and takes the filter it was trained with', () => {
    const size = { height: 224, width: 224 };
    const json = { image_processor_type: 'SiglipImageProcessor', size, resample: 2, image_mean: [0.5, 0.5, 0.5] };
    const { resize, interpolation } = parseHuggingFacePreprocessing(json, 'f', 224);
    assert.deepEqual([resize, interpolation], ['squash', 'bilinear']);
    assert.equal(parseHuggingFacePreprocessing({ ...json, resample: 3 }, 'f', 224).interpolation, 'bicubic');
  });

  it('refuses what it could not do as the model was trained', () => {
    assert.throws(() => parseHuggingFacePreprocessing({ resample: 1 }, 'f', 224), /only bilinear/);
    assert.throws(() => parseHuggingFacePreprocessing({ size: 256, crop_size: 224 }, 'f', 224), /scales images to 256/);
    assert.throws(
      () => parseOpenClipPreprocessing({ preprocess_cfg: { interpolation: 'bilinear' } }, 'f'),
      /interpolation/,
    );
  });
});
