import assert from 'node:assert/strict';
import { efficientnet } from '../../../../../src/clip/families/efficientnet/index.ts';
import { openClipFamily } from '../../../../../src/clip/families/index.ts';

const vision = {
  branches: 'efficientnet-lite',
  image_size: 192,
  reduction: 2,
  kinds: 11,
  photo_kind: 9,
  kind_scale: 0.3,
  classes: 1000,
};
const text = { context_length: 32, vocab_size: 8369, width: 256, heads: 4, layers: 3 };
const configOf = (changes = {}): object => ({
  model_cfg: { embed_dim: 256, vision_cfg: { ...vision, ...changes }, text_cfg: text },
});

describe('the configuration of branches of EfficientNet-Lite', () => {
  it('is recognised by its branches, and no other configuration is', () => {
    assert.equal(openClipFamily({ vision_cfg: vision }), efficientnet);
    assert.notEqual(openClipFamily({ vision_cfg: { image_size: 224, layers: 12 } }), efficientnet);
  });

  it('has the size of EfficientNet-Lite0 where it has no factors', () => {
    const architecture = efficientnet.openClip.parseArchitecture(configOf(), 'f');
    assert.deepEqual([architecture.imageSize, architecture.embeddingSize, architecture.contextLength], [192, 267, 32]);
    assert.deepEqual(Object.entries(architecture.config)[0], [
      'vision',
      {
        imageSize: 192,
        width: 1,
        depth: 1,
        reduction: 2,
        kinds: 11,
        photoKind: 9,
        kindScale: 0.3,
        classes: 1000,
        embeddingSize: 256,
      },
    ]);
  });

  it('is refused with the name of its file if it cannot be built', () => {
    const parse = (changes: object) => () =>
      efficientnet.openClip.parseArchitecture(configOf(changes), 'folder/open_clip_config.json');
    assert.throws(parse({ image_size: 160 }), /folder cannot be built: vision\.imageSize is 160.*multiple of 64/);
    assert.throws(parse({ photo_kind: 11 }), /vision\.photoKind is 11.*less than 11/);
    assert.throws(parse({ branches: 'resnet' }), /open_clip_config\.json does not describe.*branches/s);
    assert.throws(parse({ width: 100 }), /width/);
  });
});
