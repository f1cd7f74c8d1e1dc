import { stat } from 'node:fs/promises';
import { fileSize } from '../../base/format.ts';
import { UserError } from '../../base/userError.ts';
import { indexesFolder, listUserIndexes, locateIndex, type IndexLocation } from '../../library/index.ts';

/** Describes the indexes in the user's data folder. */
export async function describeIndexes(): Promise<string> {
  const indexes = await listUserIndexes();
  const bytes = indexes.reduce((sum, index) => sum + index.bytes, 0);
  const gone = indexes.filter(({ folder, exists }) => folder !== null && !exists).length;
  const parts = [
    `${indexes.length} in ${indexesFolder()}`,
    fileSize(bytes),
    ...(gone > 0 ? [`${gone} of folders that no longer exist`] : []),
  ];
  return parts.join(', ');
}

/** Describes which index belongs to a folder of images. @throws UserError if there is no such folder */
export async function describeIndexOf(folder: string): Promise<string> {
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) throw new UserError(`${folder} is no folder. Check the path.`);
  const location = await locateIndex(folder);
  const bytes = await stat(location.file).then(
    ({ size }) => fileSize(size),
    () => 'not created yet',
  );
  return `${location.file} (${placeOf(location)}), ${bytes}`;
}

function placeOf({ kind }: IndexLocation): string {
  switch (kind) {
    case 'named':
      return 'named';
    case 'inFolder':
      return 'in the folder itself';
    case 'userData':
      return 'shared by the command line and the editors of this user';
  }
}
