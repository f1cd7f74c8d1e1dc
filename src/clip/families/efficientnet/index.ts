/**
 * CLIP with two branches of EfficientNet-Lite as its image encoder, for drawings and for photos: the bundled model.
 */
import path from 'node:path';
import type { ModelFamily } from '../definition/family.ts';
import { readStartAndEndTokens } from '../definition/startAndEndTokens.ts';
import { efficientNetArchitecture } from './architecture.ts';
import { hasBranches, parseConfig, parseSizes } from './config.ts';

export const efficientnet: ModelFamily = {
  name: 'CLIP with EfficientNet-Lite',
  huggingFace: null,
  openClip: {
    recognises: hasBranches,
    parseArchitecture: (json, file) =>
      efficientNetArchitecture(efficientnet, parseConfig(json, file), path.dirname(file)),
    parseSizes,
  },
  readTokenSettings: ({ tokenizer }, { vocabularySize }) => readStartAndEndTokens(tokenizer, vocabularySize),
  thirdParty: null,
};
