import { stat } from 'node:fs/promises';
import { fileSize } from '../../base/format.ts';
import { UserError } from '../../base/userError.ts';
import { indexesFolder, listUserIndexes, locateIndex, type IndexLocation } from '../../library/index.ts';
import { distrustReport } from '../reports.ts';

/** Describes the indexes in the user's data folder. */
export async function describeIndexes(): Promise<string> {
  const indexes = await listUserIndexes();
  const bytes = indexes.reduce((sum, index) => sum + index.bytes, 0);
  const gone = indexes.filter(({ folder, exists }) => folder !== null && !exists).length;
  const parts = [
    `${indexes.length} in ${indexesFolder()}`,
    fileSize(bytes),
    ...(gone > 0 ? [`${gone} for folders that no longer exist`] : []),
  ];
  return parts.join(', ');
}

/** Describes which index belongs to a folder of images. @throws UserError if the folder does not exist */
export async function describeIndexOf(folder: string): Promise<string> {
  const entry = await stat(folder).catch(() => undefined);
  if (!entry?.isDirectory()) throw new UserError(`${folder} is not a folder. Check the path.`);
  const location = await locateIndex(folder);
  const bytes = await stat(location.file).then(
    ({ size }) => fileSize(size),
    () => 'not created yet',
  );
  const { distrusted } = location;
  const unused = distrusted ? `. ${distrustReport(distrusted, location.file).toString().trimEnd()}` : '';
  return `${location.file} (${describeKind(location)}), ${bytes}${unused}`;
}

function describeKind({ kind }: IndexLocation): string {
  switch (kind) {
    case 'named':
      return 'selected by the caller';
    case 'inFolder':
      return 'stored in the folder';
    case 'userData':
      return 'shared by the command line and all editors of this user';
  }
}
