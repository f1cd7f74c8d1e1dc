import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { UserError } from '../../base/userError.ts';

/**
 * A small picture of an image as a data URI, which works where the files are on another machine. What would vanish on the
 * theme's background, as black icons do in a dark theme, gets a background of its own.
 * @param side most pixels of the screen
 * @param options.hash of its content, where the index knows it: the file is not read where the picture was made before
 * @returns undefined where the file is gone or cannot be decoded
 * @throws the signal's reason when it aborts
 */
export async function thumbnail(
  inference: Inference,
  file: vscode.Uri,
  side: number,
  { hash, signal }: { readonly hash?: string; readonly signal?: AbortSignal | undefined } = {},
): Promise<string | undefined> {
  try {
    const source = { kind: 'file', path: file.fsPath, hash } as const;
    const { bytes } = await inference.thumbnail(
      source,
      { width: side, height: side, background: themeBackground() },
      signal,
    );
    return `data:image/webp;base64,${Buffer.from(bytes).toString('base64')}`;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

export function themeBackground(): 'dark' | 'light' {
  const { Light, HighContrastLight } = vscode.ColorThemeKind;
  const { kind } = vscode.window.activeColorTheme;
  return kind === Light || kind === HighContrastLight ? 'light' : 'dark';
}
