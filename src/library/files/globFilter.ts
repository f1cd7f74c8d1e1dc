import picomatch from 'picomatch';
import { UserError } from '../../base/userError.ts';
import { DEFAULT_EXCLUDE } from '../location/index.ts';
import { parentFolders } from './pathSet.ts';
import { globTrouble } from './safeGlob.ts';

/** The globs that select the files of a scan. */
export class GlobFilter {
  readonly #isIncluded: (file: string) => boolean;
  readonly #isExcluded: (file: string) => boolean;

  /**
   * @param include globs of files relative to the root, case-insensitive
   * @param exclude globs of files and folders, in addition to DEFAULT_EXCLUDE
   * @throws UserError if a glob could take forever to match
   */
  constructor(include: readonly string[], exclude: readonly string[]) {
    for (const glob of [...include, ...exclude]) {
      const trouble = globTrouble(glob);
      if (trouble !== undefined) throw new UserError(trouble);
    }
    // The flag s, because a file name may contain a line break.
    this.#isIncluded = picomatch([...include], { dot: true, flags: 'is', windows: false });
    this.#isExcluded = picomatch([...DEFAULT_EXCLUDE, ...exclude], { dot: true, flags: 's', windows: false });
  }

  /** Tells whether a file passes, provided that the scan enters its folder. */
  passesFile(file: string): boolean {
    return this.#isIncluded(file) && !this.#isExcluded(file);
  }

  /** Tells whether the scan enters a folder. */
  passesFolder(folder: string): boolean {
    return !this.#isExcluded(folder) && !this.#isExcluded(`${folder}/`);
  }

  /** Tells whether a link is followed, whether it leads to a file or to a folder. */
  passesLink(link: string): boolean {
    return !this.#isExcluded(link);
  }

  /** Tells whether a scan reaches a file: the file passes, and so do all folders that it lies in. */
  reaches(file: string): boolean {
    return this.passesFile(file) && parentFolders(file).every((folder) => this.passesFolder(folder));
  }
}
