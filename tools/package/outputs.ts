import type { Metafile } from 'esbuild';

/** The entry points of the command line. The VSIX excludes them, and the chunks that only they import. */
const COMMAND_LINE = ['dist/cli.js', 'dist/commandLine.js'];

/** The outputs of esbuild that the entry points of the extension import, each with the files bundled in it. */
export function shippedOutputs(metafiles: readonly Metafile[]): ReadonlyMap<string, readonly string[]> {
  const outputs = new Map(metafiles.flatMap((metafile) => Object.entries(metafile.outputs)));
  const shipped = new Map<string, string[]>();
  const ship = (path: string): void => {
    const output = outputs.get(path);
    if (output === undefined || shipped.has(path)) return;
    const inputs = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
    shipped.set(
      path,
      inputs.map(([file]) => file),
    );
    // A style sheet imports its font with a query after the name.
    for (const { path: imported } of output.imports) ship(imported.replace(/\?.*$/, ''));
    if (output.cssBundle !== undefined) ship(output.cssBundle);
  };
  for (const [path, { entryPoint }] of outputs) {
    if (entryPoint !== undefined && !COMMAND_LINE.includes(path)) ship(path);
  }
  return shipped;
}
