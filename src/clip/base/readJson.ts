import { readFile } from 'node:fs/promises';
import { UserError, messageOf } from '../../base/userError.ts';

/** @throws UserError where the file cannot be read, or is not JSON */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON (${messageOf(error)}). Download the checkpoint again.`);
  }
}
