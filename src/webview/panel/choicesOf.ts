import { forEachInSlices, timeSlices } from '../../base/timeSlices.ts';
import {
  allPositions,
  compareNames,
  folderKey,
  groupByFolder,
  parentOf,
  type LabelName,
} from '../../taggedImages/index.ts';
import type { Choices } from '../protocol.ts';
import { folderTitle, type GalleryContent } from './galleryContent.ts';

/** Lists what the user can filter by, with the number of images of each choice. */
export async function choicesOf(content: GalleryContent): Promise<Choices> {
  const pause = timeSlices();
  const labels = new Map<string, Choices['labels'][number]>();
  const formats = new Map<string, number>();
  const addLabel = ({ set, label }: LabelName, images: number): void => {
    const key = JSON.stringify([set, label]);
    labels.set(key, { set, label, images: (labels.get(key)?.images ?? 0) + images });
  };
  for (const { name, labels: members } of content.folders.flatMap(({ labelSets }) => labelSets)) {
    for (const label of members) addLabel({ set: name, label: label.name }, 0);
  }
  const countImage = ({ tags, format }: GalleryContent['images'][number]): void => {
    for (const tag of tags) addLabel(tag, 1);
    formats.set(format, (formats.get(format) ?? 0) + 1);
  };
  await forEachInSlices(content.images, countImage, pause);
  const groups = await groupByFolder(content, allPositions(content), pause);
  const folders = new Map<string, Choices['folders'][number]>();
  for (const { folder, path, members } of groups) {
    for (const ancestor of withAncestors(path)) {
      const key = folderKey(content.folders[folder]?.key ?? '', ancestor);
      const images = (folders.get(key)?.images ?? 0) + members.length;
      folders.set(key, { key, title: folderTitle(content, folder, ancestor), images });
    }
  }
  return {
    labels: [...labels.values()],
    formats: [...formats].map(([format, images]) => ({ format, images })).sort((a, b) => b.images - a.images),
    folders: [...folders.values()].filter(({ title }) => title !== '').sort((a, b) => compareNames(a.title, b.title)),
  };
}

/** "a/b" → "", "a", "a/b" */
function withAncestors(path: string): string[] {
  return path === '' ? [''] : [...withAncestors(parentOf(path)), path];
}
