declare global {
  /** Shared by the test files, each of which is a bundle of its own. */
  var assetlensTestNotes: string[] | undefined;
}

/** Lines that the runner prints after the outcomes. */
export const notes: string[] = (globalThis.assetlensTestNotes ??= []);

/** Says something beside the outcome: a measured time, for example. */
export function note(line: string): void {
  notes.push(line);
}
