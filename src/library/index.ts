/** The one door of the library: the indexed images of a folder. Nothing behind it knows the editor. */
export { openLibrary, type Library, type LibraryOptions } from './library.ts';
export type { RecoveredIndex } from './damagedIndex.ts';
export { updateIndex, type UpdateOptions, type UpdateProgress, type UpdateSummary } from './updateIndex.ts';
export type { Failure } from './store.ts';
export {
  DEFAULT_EXCLUDE,
  DEFAULT_INCLUDE,
  IMAGE_EXTENSIONS,
  scanImages,
  type ScannedFile,
  type ScanOptions,
} from './scan.ts';
export {
  countImages,
  hasImagesBelow,
  imageAt,
  listFailures,
  listImages,
  type IndexCounts,
  type IndexedImage,
} from './images.ts';
export { describeIndex, type IndexDescription } from './describeIndex.ts';
export { embeddedModels, modelCoverage, type ModelCoverage } from './modelCoverage.ts';
export { parseQuery, QueryError, type ParsedTerm, type PathFilter, type Query } from './query.ts';
export { findSimilar, search, type SearchOptions, type SearchResult } from './search.ts';
export {
  DEFAULT_THRESHOLD,
  tagLibrary,
  type LabelSet,
  type TaggedImage,
  type Tag,
  type TagOptions,
} from './tagging.ts';
export { scoreLabels, type LabelScore, type LabelScoreOptions, type ScoredSet } from './labelScores.ts';
export { handLabels, handTagsOf, readHandTags, setHandTags, type HandTag, type HandTags } from './handTags.ts';
export { pathMatcher } from './pathFilter.ts';
export { previewLabel, type LabelPreview, type PreviewOptions } from './previewLabel.ts';
export { checkLabels, parseLabels, readLabels, type LabelsFile } from './labelsFile.ts';
export { readWrittenSets } from './defaultLabels.ts';
export { exactDuplicates, nearDuplicates, type DuplicateGroup, type NearDuplicateOptions } from './duplicates.ts';
export { duplicatesOf, type ImageDuplicates, type NearDuplicate } from './duplicatesOf.ts';
