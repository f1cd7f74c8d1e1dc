import * as vscode from 'vscode';

/** The settings as a folder sees them. The library checks the labels; the schema in package.json says what they are. */
export interface Settings {
  /** Labels in the form of a labels file; null: the default labels. */
  readonly labels: readonly unknown[] | null;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Keys of the section `assetlens`, in one place. */
const keys = { labels: 'labels', include: 'include', exclude: 'exclude' } as const;

export function readSettings(folder: vscode.WorkspaceFolder): Settings {
  const section = vscode.workspace.getConfiguration('assetlens', folder);
  const labels = section.get<unknown[] | null>(keys.labels, null);
  const filesExclude = vscode.workspace.getConfiguration('files', folder).get<Record<string, unknown>>('exclude', {});
  const hidden = Object.entries(filesExclude).flatMap(([glob, on]) => (on === true ? [glob] : []));
  return Object.freeze({
    labels: labels?.length ? labels : null,
    include: strings(section.get(keys.include)),
    exclude: [...strings(section.get(keys.exclude)), ...hidden],
  });
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : [];
}
