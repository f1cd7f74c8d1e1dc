/** The entry point of the CLIP module. */
export { UserError, assertNever, messageOf } from '../base/userError.ts';
export { unreadExtension } from './images/formats/otherFormats.ts';
export type { UnreadFormat } from './images/formats/otherFormats.ts';
export {
  formatOf,
  hasImageExtension,
  IMAGE_EXTENSIONS,
  IMAGE_GLOBS,
  isNamedByFormat,
  usualImageKind,
} from './images/formats/registry.ts';
export { coloursOf, encodeColours, LOOK_SIDE, type HashedLook, type ImageLook } from './images/look/imageLook.ts';
export { coarseLook, highestCorrelation, type CoarseLook } from './images/look/coarseLook.ts';
export { cropCorrelation, normalisedLook, pictureCorrelation, type NormalisedLook } from './images/look/sameLook.ts';
export { oklabDistance, type MainColour, type OklabColour } from './images/look/mainColours.ts';
export { DECODE_LIMITS, type DecodeLimits } from './images/limits.ts';
export { openModelFolder, type ModelFolder, type ModelManifest } from './base/manifest.ts';
export { addModel, type AddOptions, type AddedModel } from './models/addModel.ts';
export { DownloadDeclined, type DownloadProgress, type DownloadRequest } from './models/hub/download.ts';
export { hubSettings, type HubSettings } from './models/hub/settings.ts';
export {
  chosenName,
  chooseModel,
  findModel,
  installedModels,
  modelNameOf,
  modelsFolder,
  removeModel,
  type BundledModel,
  type InstalledModel,
} from './models/installed.ts';
export { registeredModels, type RegisteredModel } from './models/registry.ts';
export { ensemble, isTemplateSet, promptsOf, templateSets, type Label, type TemplateSet } from './text/prompts.ts';
export { dot } from './base/vectors.ts';
export { trainLinearProbe, zeroShotClassifier, type Examples, type ProbeOptions } from './scoring/fewShot.ts';
export { convertCheckpoint } from './checkpoint/convertCheckpoint.ts';
export {
  centredText,
  confidenceOf,
  confidenceScores,
  logitOf,
  ownDistribution,
  readCalibration,
  type Calibration,
  type ImageDistribution,
} from './scoring/calibration.ts';
export { queryDirection, queryScores, type QueryScores, type QueryTerm } from './scoring/query.ts';
export { explainImage, type ExplainQuery } from './heatmaps/explainImage.ts';
export { backgroundPrompts, type ImageKind } from './heatmaps/background.ts';
export { findModelProblem, type ModelProblem } from './runtime/process/findModelProblem.ts';
export { createInference, type Inference, type InferenceOptions } from './runtime/process/client.ts';
export type { DeviceEvent, DeviceOptions, DeviceReport } from './runtime/device/device.ts';
export { DEVICE_SETTINGS, PROVIDER_NAMES, type DeviceSetting, type Provider } from './runtime/device/providers.ts';
export type { Trial, Verdict } from './runtime/device/verdict.ts';
export type { MatrixSource } from './runtime/matrix/matrixSource.ts';
export type { Heatmap, HeatmapMethod, HeatmapMethods, HeatmapQuery } from './heatmaps/types.ts';
export type {
  CameraDetails,
  DrawingGap,
  DrawingSize,
  HashedSheet,
  ImageDetails,
  ImageOutcome,
  ImageSource,
  KnownImage,
  SheetContent,
  ShownBox,
  ShownPixels,
  Thumbnail,
  ThumbnailBox,
} from './images/types.ts';
export { rankingLogit } from './scoring/types.ts';
export type { LinearScores, Moments, Ranking, RankingScores, SparseTags } from './scoring/types.ts';
export type { RuntimeDescription } from './runtime/protocol.ts';
