import * as vscode from 'vscode';
import type { Inference } from '../../clip/index.ts';
import { UserError } from '../../base/userError.ts';
import { pathOfUri } from '../folders/pathOfUri.ts';

export interface ThumbnailOptions {
  readonly hash?: string;
  readonly margins?: 'keep' | 'cut';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a small picture of an image as a data URI, which also works if the files are on another machine. An image that
 * would be invisible on the theme's background, such as a black icon in a dark theme, gets a background.
 * @param side maximum width and height in pixels of the screen
 * @param options.hash SHA-256 of the blob, if the index contains it: the file is not read if the picture was made
 *   before
 * @param options.margins whether transparent margins are cut, see ThumbnailBox
 * @returns undefined if the file is gone or cannot be decoded
 * @throws the signal's reason if it aborts
 */
export async function thumbnail(
  inference: Inference,
  file: vscode.Uri,
  side: number,
  { hash, margins, signal }: ThumbnailOptions = {},
): Promise<string | undefined> {
  try {
    const folder = vscode.workspace.getWorkspaceFolder(file)?.uri.fsPath;
    const source = { kind: 'file', path: pathOfUri(file), folder, hash } as const;
    const { bytes } = await inference.thumbnail(
      source,
      { width: side, height: side, background: themeBackground(), margins },
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
