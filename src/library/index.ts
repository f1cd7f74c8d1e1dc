/**
 * Entry point of the library: the indexed images of a folder. It does not depend on the editor. Code that runs while
 * the editor starts imports location/index.ts instead.
 */
export { openLibrary, type Library, type LibraryOptions } from './library.ts';
export type { Adoption } from './store/adoptIndex.ts';
export type { RecoveredIndex } from './store/damagedIndex.ts';
export {
  indexesFolder,
  locateIndex,
  type DistrustedIndex,
  type DistrustReason,
  type IndexLocation,
} from './location/index.ts';
export { listUserIndexes, type UserIndex } from './location/userIndexes.ts';
export {
  updateIndex,
  type PartialCoverage,
  type UpdateOptions,
  type UpdateProgress,
  type UpdateSummary,
} from './indexing/updateIndex.ts';
export type { UnreadFiles } from './indexing/compareIndex.ts';
export type { Failure } from './store/store.ts';
export { DEFAULT_INCLUDE, globFilter, scanImages, type ScannedFile, type ScanOptions } from './files/scan.ts';
export {
  countImages,
  hasImagesBelow,
  imageAt,
  isSheet,
  listFailures,
  listImages,
  type IndexCounts,
  type IndexedImage,
} from './images.ts';
export { describeIndex, type IndexDescription } from './store/describeIndex.ts';
export { embeddedModels, modelCoverage, type ModelCoverage } from './indexing/modelCoverage.ts';
export { parseQuery, type ColourFilter, type ParsedTerm, type PathFilter, type Query } from './search/query.ts';
export { QueryError, type QueryMistake } from './search/queryMistakes.ts';
export { pathsOfColours } from './search/colours/colourEvidence.ts';
export { picturesToStack, PictureStacks, type StackedPicture } from './search/pictureStacks.ts';
export { findSimilar } from './search/findSimilar.ts';
export { search } from './search/search.ts';
export { unknownWords, type UnknownWord } from './search/unknownWords.ts';
export type { SearchOptions, SearchResult } from './search/searchOptions.ts';
export { DEFAULT_THRESHOLD, MAYBE_FROM, type LabelSet } from './labels/labelScorer.ts';
export { tagLibrary, type TaggedImage, type Tag, type TagOptions } from './labels/tagging.ts';
export { scoreLabels, type LabelScore, type LabelScoreOptions, type ScoredSet } from './labels/labelScores.ts';
export {
  manualLabels,
  manualTagsOf,
  readManualTags,
  setManualTags,
  type ManualTag,
  type ManualTags,
} from './labels/manualTags.ts';
export { pathMatcher } from './files/pathFilter.ts';
export { previewLabel, type LabelPreview, type PreviewOptions } from './labels/previewLabel.ts';
export { checkLabels, readLabels, type LabelsFile } from './labels/labelsFile.ts';
export { countKinds, kindsOfImages, PICTURE_KINDS, type KindCounts, type PictureKind } from './labels/pictureKinds.ts';
export { fittingPresets, LABEL_PRESETS, presetFile, readPresets, type LabelPreset } from './labels/labelPresets.ts';
export { readWrittenSets } from './labels/defaultLabels.ts';
export {
  exactDuplicates,
  nearDuplicates,
  type DuplicateGroup,
  type NearDuplicateOptions,
} from './search/duplicates.ts';
export { duplicatesOf, type ImageDuplicates, type NearDuplicate } from './search/duplicatesOf.ts';
