import { LONGEST_PROLOGUE, rootOffset } from '../svg/root.ts';

export const ANDROID = 'http://schemas.android.com/apk/res/android';
/** Bytes of a root element with all its attributes. */
const LONGEST_ROOT = 4096;
/** Bytes at the end of a file that contain the end tag of the root element. */
const TAIL = 4096;

/** Whether a file is XML whose root element is `vector` with attributes of Android. */
export function hasVectorRoot(file: Buffer): boolean {
  const text = file.toString('latin1', 0, LONGEST_PROLOGUE).replace(/^\xef\xbb\xbf/, '');
  if (!/^[\s<]/.test(text)) return false;
  const root = rootOffset(text);
  const tag = /^<vector\s[^>]*>/.exec(text.slice(root, root + LONGEST_ROOT))?.[0];
  return tag?.includes(ANDROID) === true;
}

/** Whether a file ends with the end tag of the root element. */
export function hasVectorEnd(file: Buffer): boolean {
  return /<\/vector\s*>|\/>\s*$/.test(file.toString('latin1', Math.max(0, file.length - TAIL)));
}
