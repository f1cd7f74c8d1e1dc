import assert from 'node:assert/strict';
import { noImages } from '../../../src/cli/reports.ts';

describe('the message for a folder without images', () => {
  it('counts the pictures of formats that AssetLens does not read', () => {
    const formats = [
      { extension: 'xcf', files: 8 },
      { extension: 'heic', files: 4 },
    ];
    assert.equal(
      noImages('/art', { outside: [], special: [], formats }),
      'No images that AssetLens reads in /art, but 12 files of formats that AssetLens does not read: .xcf 8, .heic 4.',
    );
  });

  it('suggests what to check where there is no picture at all', () => {
    assert.match(noImages('/art', { outside: [], special: [], formats: [] }), /^No images in \/art\. Check /);
  });
});
