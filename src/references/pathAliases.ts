/** Files that the `paths` of the nearest tsconfig.json or jsconfig.json make of a path; none where there is no such file or it is broken. */
export async function aliasedPaths(specifier: string, documentFolder: string): Promise<string[]> {
  const { createPathsMatcher, getTsconfig } = await import('get-tsconfig');
  for (const name of ['tsconfig.json', 'jsconfig.json']) {
    try {
      const config = getTsconfig(documentFolder, name);
      const files = config && createPathsMatcher(config)?.(specifier);
      if (files && files.length > 0) return files;
    } catch {
      // It is being edited, or extends what is not installed: the compiler tells its author.
    }
  }
  return [];
}
