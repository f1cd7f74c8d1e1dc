import assert from 'node:assert/strict';
import { siglipArchitecture } from '../../../../../src/clip/families/siglip/architecture.ts';
import { parseHuggingFaceConfig } from '../../../../../src/clip/families/siglip/huggingFaceConfig.ts';
import { siglip } from '../../../../../src/clip/families/siglip/index.ts';

describe('the configuration of a SigLIP', () => {
  it('has the values of B/16 where transformers omits them', () => {
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
      /image embeddings have 768 values, text embeddings have 512/,
    );
  });

  it('is refused if its sizes cannot be built', () => {
    const config = parseHuggingFaceConfig({}, 'f');
    siglipArchitecture(siglip, config, 'f');
    const { vision } = config;
    const wrong = { ...config, vision: { ...vision, heads: 7 } };
    assert.throws(() => siglipArchitecture(siglip, wrong, 'my folder'), /my folder.*vision\.heads is 7/);
  });
});
