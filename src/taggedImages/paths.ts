/** Returns the last part of a path that is relative to a workspace folder. */
export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Returns the folder of a file, relative to the workspace folder; empty for the workspace folder itself. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/**
 * Identifies a folder below a workspace folder.
 * @param workspaceFolder URI of the workspace folder
 * @param path relative to the workspace folder
 */
export function folderKey(workspaceFolder: string, path: string): string {
  return `${workspaceFolder}\n${path}`;
}
