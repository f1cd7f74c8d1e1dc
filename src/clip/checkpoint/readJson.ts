import { readFile } from 'node:fs/promises';
import { HumanError, messageOf } from '../../base/userError.ts';

/** @throws HumanError where the file cannot be read, or is no JSON */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new HumanError(`${file} cannot be read as JSON (${messageOf(error)}). Download the checkpoint again.`);
  }
}
