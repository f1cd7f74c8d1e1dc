declare global {
  /** Shared by the test files, each of which is a separate bundle. */
  var assetlensTestNotes: string[] | undefined;
}

/** Lines that the runner prints after the outcomes. */
export const notes: string[] = (globalThis.assetlensTestNotes ??= []);

/** Adds a line to the report, for example a measured time. */
export function note(line: string): void {
  notes.push(line);
}
