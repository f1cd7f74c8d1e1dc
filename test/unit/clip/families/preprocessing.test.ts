import assert from 'node:assert/strict';
import {
  openaiPreprocessing,
  parseHuggingFacePreprocessing,
  parseOpenClipPreprocessing,
} from '../../../../src/clip/families/index.ts';

describe('the pre-processing of a checkpoint', () => {
  it('defaults to that of OpenAI', () => {
    assert.deepEqual(parseOpenClipPreprocessing({ model_cfg: {} }, 'f'), openaiPreprocessing);
    assert.deepEqual(parseHuggingFacePreprocessing({}, 'f', 224), openaiPreprocessing);
  });

  it('uses the fill colour as background if images are letterboxed', () => {
    const config = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], interpolation: 'area' };
    const parse = (more: object, beside: object = {}) =>
      parseOpenClipPreprocessing({ preprocess_cfg: { ...config, ...more }, ...beside }, 'f');
    assert.deepEqual(parse({ resize_mode: 'longest', fill_color: 255 }), {
      statistics: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
      resize: 'longest',
      interpolation: 'area',
      background: [255, 255, 255],
    });
    assert.deepEqual(parse({ resize_mode: 'longest', fill_color: [1, 2, 3] }).background, [1, 2, 3]);
    assert.equal(parse({ resize_mode: 'shortest', fill_color: 0 }).background, 'contrast');
    assert.equal(parse({ resize_mode: 'longest', fill_color: 255, background: 'contrast' }).background, 'contrast');
    assert.equal(parse({ resize_mode: 'longest' }, { assetlens: { background: 'contrast' } }).background, 'contrast');
  });

  it('softens pixels only for checkpoints that require it', () => {
    const softenOf = (json: object) =>
      parseOpenClipPreprocessing({ preprocess_cfg: {}, ...json }, 'f').statistics.soften;
    assert.equal(softenOf({ assetlens: { soften: true } }), true);
    assert.equal(softenOf({ assetlens: { soften: false } }), undefined);
    assert.equal(softenOf({}), undefined);
  });

  it('reads old and new sizes of transformers', () => {
    const square = { height: 336, width: 336 };
    assert.equal(parseHuggingFacePreprocessing({ size: 336, crop_size: 336 }, 'f', 336).resize, 'shortest');
    const cropped = { size: { shortest_edge: 336 }, crop_size: square };
    assert.equal(parseHuggingFacePreprocessing(cropped, 'f', 336).resize, 'shortest');
    assert.equal(parseHuggingFacePreprocessing({ size: square, do_center_crop: false }, 'f', 336).resize, 'squash');
  });

  it('never crops for the image processor of SigLIP', () => {
    const size = { height: 224, width: 224 };
    const json = { image_processor_type: 'SiglipImageProcessor', size, resample: 2, image_mean: [0.5, 0.5, 0.5] };
    const { resize, interpolation } = parseHuggingFacePreprocessing(json, 'f', 224);
    assert.deepEqual([resize, interpolation], ['squash', 'bilinear']);
    assert.equal(parseHuggingFacePreprocessing({ ...json, resample: 3 }, 'f', 224).interpolation, 'bicubic');
  });

  it('is refused if it differs from the training of the model', () => {
    assert.throws(() => parseHuggingFacePreprocessing({ resample: 1 }, 'f', 224), /only bilinear/);
    assert.throws(() => parseHuggingFacePreprocessing({ size: 256, crop_size: 224 }, 'f', 224), /scales images to 256/);
    assert.throws(
      () => parseOpenClipPreprocessing({ preprocess_cfg: { interpolation: 'bilinear' } }, 'f'),
      /interpolation/,
    );
  });
});
