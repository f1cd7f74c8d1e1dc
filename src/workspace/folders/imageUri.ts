import * as vscode from 'vscode';
import { splitImagePath } from '../../base/imagePath.ts';

/** Returns the URI of an image. An image in a sheet has the URI of the file with a fragment. @param path absolute */
export function uriOfPath(path: string): vscode.Uri {
  const { file, fragment } = splitImagePath(path);
  return vscode.Uri.file(file).with({ fragment });
}

/** Returns the URI of the file that contains an image. */
export function fileUri(uri: vscode.Uri): vscode.Uri {
  return uri.with({ fragment: '' });
}
