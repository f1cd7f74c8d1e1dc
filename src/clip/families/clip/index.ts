/**
 * CLIP (2103.00020): the models of OpenAI and everything in open_clip and transformers that has the same architecture.
 */
import path from 'node:path';
import { openaiPreprocessing } from '../definition/preprocessing.ts';
import { renameHuggingFaceParameters } from '../definition/huggingFaceParameters.ts';
import type { ModelFamily } from '../definition/family.ts';
import { readStartAndEndTokens } from '../definition/startAndEndTokens.ts';
import { clipArchitecture } from './architecture.ts';
import { huggingFaceNames, parseHuggingFaceConfig, parseHuggingFaceSizes } from './huggingFaceConfig.ts';
import { inferConfig } from './inferredConfig.ts';
import { parseOpenClipConfig, parseOpenClipSizes } from './openClipConfig.ts';
import { readDense } from './thirdParty/readDense.ts';

/** The maximum of the learned scale (paper, section 2.5), which all published models reach. */
const LOGIT_SCALE = 100;

export const clip: ModelFamily = {
  name: 'CLIP',
  huggingFace: {
    modelType: 'clip',
    description: 'CLIP',
    imageProcessor: { prefix: 'CLIP', crops: true },
    defaultPreprocessing: openaiPreprocessing,
    parseArchitecture: (json, file) => clipArchitecture(clip, parseHuggingFaceConfig(json, file), path.dirname(file)),
    parseSizes: parseHuggingFaceSizes,
    renameParameters: (stored) => renameHuggingFaceParameters(stored, huggingFaceNames),
  },
  openClip: {
    recognises: () => true,
    parseArchitecture: (json, file) => clipArchitecture(clip, parseOpenClipConfig(json, file), path.dirname(file)),
    parseSizes: parseOpenClipSizes,
  },
  inferArchitecture(tensors, folder) {
    return tensors.has('ln_final.weight') ? clipArchitecture(clip, inferConfig(tensors, folder), folder) : null;
  },
  readTokenSettings: ({ tokenizer }, { vocabularySize }) => readStartAndEndTokens(tokenizer, vocabularySize),
  thirdParty: {
    imageOutputs: ['image_embeds', 'image_embedding', 'embedding'],
    textOutputs: ['text_embeds', 'text_embedding', 'embedding'],
    unprojectedOutputs: ['pooler_output'],
    defaultScore: { logitScale: LOGIT_SCALE },
    readDense,
  },
};
