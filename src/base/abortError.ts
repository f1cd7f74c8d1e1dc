/** Whether an error is the reason of a signal that was aborted without a reason of its own. */
export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
