/** SigLIP (2303.15343), and SigLIP 2 with images of one size (2502.14786). */
import path from 'node:path';
import { renameHuggingFaceParameters } from '../definition/huggingFaceParameters.ts';
import type { ModelFamily } from '../definition/family.ts';
import { siglipArchitecture } from './architecture.ts';
import { huggingFaceNames, parseHuggingFaceConfig } from './huggingFaceConfig.ts';
import { isSiglip, unsupportedOpenClip } from './openClipConfig.ts';
import { readSpecialTokens } from './specialTokens.ts';

export const siglip: ModelFamily = {
  name: 'SigLIP',
  huggingFace: {
    modelType: 'siglip',
    description: 'SigLIP with images of one size',
    imageProcessor: { prefix: 'Siglip', crops: false },
    defaultPreprocessing: null,
    parseArchitecture: (json, file) =>
      siglipArchitecture(siglip, parseHuggingFaceConfig(json, file), path.dirname(file)),
    parseSizes(json, file) {
      const { vision, text } = parseHuggingFaceConfig(json, file);
      const { contextLength, vocabularySize, embeddingSize } = text;
      return { imageSize: vision.imageSize, contextLength, embeddingSize, vocabularySize };
    },
    renameParameters: (stored) => renameHuggingFaceParameters(stored, huggingFaceNames),
  },
  openClip: {
    recognises: isSiglip,
    parseArchitecture: unsupportedOpenClip,
    parseSizes: unsupportedOpenClip,
  },
  readTokenSettings: readSpecialTokens,
  thirdParty: {
    imageOutputs: ['image_embeds', 'image_embedding', 'embedding', 'pooler_output'],
    textOutputs: ['text_embeds', 'text_embedding', 'embedding', 'pooler_output'],
    unprojectedOutputs: [],
    // Without a bias there are no probabilities: confidences are then measured against the user's images.
    defaultScore: { logitScale: 100 },
  },
};
