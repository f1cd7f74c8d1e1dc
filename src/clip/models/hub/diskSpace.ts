import { mkdir, statfs } from 'node:fs/promises';
import { fileSize } from '../../../base/format.ts';
import { UserError } from '../../../base/userError.ts';

/**
 * @param folder created where it is missing
 * @param elsewhere clause for the message: how to choose another folder
 * @throws UserError where the disk has less space
 */
export async function assertDiskSpace(folder: string, bytes: number, elsewhere: string): Promise<void> {
  if (bytes === 0) return;
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    `The disk of ${folder} has ${fileSize(bavail * bsize)} free, but ${fileSize(bytes)} are needed. Free some space, or ${elsewhere}.`,
  );
}
