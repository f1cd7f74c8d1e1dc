/**
 * Entry point of the tagged images that the Tags view and the gallery show: groups, filters, sort orders, and edits of
 * manual tags. It does not depend on the editor.
 */
export {
  allPositions,
  folderAt,
  folderIndexOf,
  imageAt,
  joinFolders,
  type TaggedFolder,
  type TaggedImages,
} from './taggedImages.ts';
export {
  groupByLabel,
  isSameLabel,
  scoreIn,
  tagIn,
  type LabelGroup,
  type LabelGroups,
  type LabelName,
} from './labelGroups.ts';
export { groupByFolder } from './folderGroups.ts';
export { bestScore, filterImages } from './imageFilter.ts';
export { WordFilter } from './wordFilter.ts';
export { byPath, compareNames, sortImages, sortLabels, type ImageOrder, type LabelOrder } from './orders.ts';
export { fileNameOf, folderKey, parentOf } from './paths.ts';
export {
  applyEdits,
  clearAllTags,
  clearTags,
  confirmTags,
  rejectTags,
  type ImageRef,
  type ManualTagEdit,
  type TagRef,
} from './manualTagEdits.ts';
