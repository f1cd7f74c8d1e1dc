/** A set of files and folders. Paths are relative, with '/'; a folder may end in '/', and '' is the root. */
export class PathSet {
  readonly #members: ReadonlySet<string>;
  readonly #ancestors: ReadonlySet<string>;

  constructor(paths: readonly string[]) {
    const members = paths.map((file) => file.replace(/\/+$/, ''));
    this.#members = new Set(members);
    this.#ancestors = new Set(members.flatMap(parentFolders));
  }

  /** Tells whether a path is a member or lies in a member. */
  contains(file: string): boolean {
    const members = this.#members;
    return members.has('') || members.has(file) || parentFolders(file).some((folder) => members.has(folder));
  }

  /** Tells whether a member lies in a folder. */
  hasMemberIn(folder: string): boolean {
    return this.#ancestors.has(folder);
  }
}

/** Returns the folders that a path lies in: "a" and "a/b" for "a/b/c". */
export function parentFolders(file: string): string[] {
  const folders: string[] = [];
  for (let slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', slash + 1)) {
    folders.push(file.slice(0, slash));
  }
  return folders;
}
