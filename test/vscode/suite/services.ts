import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FolderTags, ImageFolder } from '../../../src/workspace/folders/imageFolder.ts';
import type { Services } from '../../../src/workspace/services.ts';
import { extension } from './extension.ts';

/** The objects that the features share. activate() returns them only to tests. */
export async function services(): Promise<Services> {
  const exported = await extension().activate();
  assert.ok(typeof exported === 'object' && exported !== null && 'services' in exported, 'not in test mode');
  return exported.services as Services;
}

export async function imageFolder(): Promise<ImageFolder> {
  const [folder] = (await services()).folders.all();
  assert.ok(folder, 'there is no folder');
  return folder;
}

/**
 * Waits until the tags of the folder satisfy a condition. The time limit is generous, because the machine may be busy.
 */
export async function tagsWhere(what: string, condition: (tags: FolderTags) => boolean): Promise<FolderTags> {
  const folder = await imageFolder();
  const end = Date.now() + 60_000;
  for (;;) {
    const tags = await folder.tags();
    if (condition(tags)) return tags;
    assert.ok(Date.now() < end, `timed out: ${what}; there are ${[...tags.byPath.keys()].join(', ')}`);
    await sleep(100);
  }
}
