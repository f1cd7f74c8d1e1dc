import { timeSlices } from '../../base/timeSlices.ts';
import type { Choices } from '../protocol.ts';
import { folderKey, parentOf, type GalleryContent } from './galleryContent.ts';

/** What a filter can choose from, with how many images there are of each. */
export async function choicesOf(content: GalleryContent): Promise<Choices> {
  const pause = timeSlices();
  const labels = new Map<string, Choices['labels'][number]>();
  const formats = new Map<string, number>();
  const folders = new Map<string, { key: string; title: string; images: number }>();
  const several = content.folders.length > 1;
  const label = (set: string, name: string): Choices['labels'][number] => {
    const key = JSON.stringify([set, name]);
    const known = labels.get(key) ?? { set, label: name, images: 0 };
    labels.set(key, known);
    return known;
  };
  for (const { name, labels: own } of content.folders.flatMap(({ labelSets }) => labelSets)) {
    for (const one of own) label(name, one.name);
  }
  for (const [i, { folder, image }] of content.images.entries()) {
    if ((i & 255) === 0) await pause();
    for (const tag of image.tags) label(tag.set, tag.label).images++;
    formats.set(image.format, (formats.get(image.format) ?? 0) + 1);
    const { key: root = '', name = '' } = content.folders[folder] ?? {};
    for (const path of withParents(parentOf(image.path))) {
      const key = folderKey(root, path);
      const title = several ? [name, path].filter(Boolean).join('/') : path;
      const known = folders.get(key) ?? { key, title, images: 0 };
      folders.set(key, known);
      known.images++;
    }
  }
  const byTitle = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return {
    labels: [...labels.values()],
    formats: [...formats].map(([format, images]) => ({ format, images })).sort((a, b) => b.images - a.images),
    folders: [...folders.values()]
      .filter(({ title }) => title !== '')
      .sort((a, b) => byTitle.compare(a.title, b.title)),
  };
}

/** "a/b" → "", "a", "a/b" */
function withParents(path: string): string[] {
  return path === '' ? [''] : [...withParents(parentOf(path)), path];
}
