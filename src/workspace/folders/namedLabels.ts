import type { LabelSet } from '../../library/index.ts';
import { UserError } from '../../base/userError.ts';
import type { ImageFolder } from './imageFolder.ts';

/** Returns the labels of a folder for a search; none if the settings have a mistake, which the Tags view reports. */
export async function namedLabels(folder: ImageFolder): Promise<LabelSet['labels'][number][]> {
  try {
    return (await folder.labelSets()).flatMap(({ labels }) => labels);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
