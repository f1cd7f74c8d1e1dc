import { parseJson } from '../../base/parseJson.ts';
import { readRegularText } from '../../base/regularFile.ts';
import { UserError, messageOf } from '../../base/userError.ts';

/** Maximum size of a file with settings, in bytes. */
export const LARGEST_SETTINGS = 4_000_000;
/** Maximum size of a tokenizer.json, in bytes. That of Gemma, with a quarter of a million tokens, has 35 MB. */
export const LARGEST_TOKENIZER = 200_000_000;

/** @throws UserError where the file cannot be read, is too large, or is not JSON */
export async function readJson(file: string, maxBytes = LARGEST_SETTINGS): Promise<unknown> {
  try {
    return parseJson(await readRegularText(file, maxBytes));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON (${messageOf(error)}). Download the checkpoint again.`);
  }
}
