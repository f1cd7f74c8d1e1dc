/**
 * Resolves a module specifier to absolute paths with the `paths` of the nearest tsconfig.json or jsconfig.json. Returns
 * no path if no such file exists or it cannot be read.
 */
export async function aliasedPaths(specifier: string, documentFolder: string): Promise<string[]> {
  const { createPathsMatcher, getTsconfig } = await import('get-tsconfig');
  for (const name of ['tsconfig.json', 'jsconfig.json']) {
    try {
      const config = getTsconfig(documentFolder, name);
      const files = config && createPathsMatcher(config)?.(specifier);
      if (files && files.length > 0) return files;
    } catch {
      // The file may be incomplete, or extend a package that is not installed. The compiler reports it.
    }
  }
  return [];
}
