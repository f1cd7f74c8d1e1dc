import { DEFAULT_EXCLUDE } from '../location/index.ts';
import { globMatcher } from './globs/matcher.ts';
import { parentFolders } from './pathSet.ts';

/** The globs that select the files of a scan. */
export class GlobFilter {
  readonly #isIncluded: (file: string) => boolean;
  readonly #isExcluded: (file: string) => boolean;

  /**
   * @param include globs of files relative to the root, case-insensitive
   * @param exclude globs of files and folders, in addition to DEFAULT_EXCLUDE
   * @throws UserError if a glob is not valid
   */
  constructor(include: readonly string[], exclude: readonly string[]) {
    this.#isIncluded = globMatcher(include, { ignoreCase: true });
    this.#isExcluded = globMatcher([...DEFAULT_EXCLUDE, ...exclude], { ignoreCase: false });
  }
  /** Tells whether a file passes, provided that the scan enters its folder. */
  passesFile(file: string): boolean {
    return this.#isIncluded(file) && !this.#isExcluded(file);
  }

  /** Tells whether the scan enters a folder. */
  passesFolder(folder: string): boolean {
    return !this.#isExcluded(folder) && !this.#isExcluded(`${folder}/`);
  }

  /** Tells whether a link, or a file of any name, is not excluded. */
  passesLink(link: string): boolean {
    return !this.#isExcluded(link);
  }

  /** Tells whether a scan reaches a file: the file passes, and so do all folders that it lies in. */
  reaches(file: string): boolean {
    return this.passesFile(file) && parentFolders(file).every((folder) => this.passesFolder(folder));
  }
}
