import path from 'node:path';
import * as vscode from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { IMAGE_LANGUAGES, languageIds } from '../../references/languages.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { describedImage } from '../../workspace/references/describedImage.ts';
import { pathContextOf } from '../../workspace/references/pathContext.ts';
import type { Services } from '../../workspace/services.ts';

const URI_LIST = 'text/uri-list';
const KIND = vscode.DocumentDropOrPasteEditKind.Empty.append('assetlens', 'image');
/** Text before the position if the document already contains the reference and needs only the path. */
const BEFORE_PATH = /["'`(=]$/;

/**
 * Registers drag and drop: an image that the user drops into a document becomes a reference with its labels as
 * alternative text.
 */
export function registerImageDrop(services: Services): vscode.Disposable {
  return vscode.languages.registerDocumentDropEditProvider(
    languageIds(IMAGE_LANGUAGES).map((language) => ({ scheme: 'file', language })),
    {
      async provideDocumentDropEdits(document, position, transfer, token) {
        try {
          const text = await droppedText(services, document, position, await transfer.get(URI_LIST)?.asString());
          if (text === undefined || token.isCancellationRequested) return undefined;
          return new vscode.DocumentDropEdit(text, vscode.l10n.t('Insert Image Reference'), KIND);
        } catch (error) {
          // Without this edit, the editor inserts the path.
          services.log.error(error instanceof Error ? error : messageOf(error));
          return undefined;
        }
      },
    },
    { dropMimeTypes: [URI_LIST], providedDropEditKinds: [KIND] },
  );
}

/**
 * Returns the text to insert for a list of files: references to the images, or only the path if the document already
 * has the reference. Returns undefined if a file is not an image of the workspace folder of the document.
 * @param uriList one URI per line (RFC 2483)
 */
export async function droppedText(
  { folders }: Services,
  document: vscode.TextDocument,
  position: vscode.Position,
  uriList = '',
): Promise<string | undefined> {
  const uris = uriList
    .split(/\r?\n/)
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => vscode.Uri.parse(line, true));
  const folder = folders.locate(document.uri)?.folder;
  const { extensions, language } = await pathContextOf(folders, document);
  const isImage = (uri: vscode.Uri): boolean =>
    folders.locate(uri)?.folder === folder && extensions.has(path.extname(uri.path).slice(1).toLowerCase());
  if (!folder || uris.length === 0 || !uris.every(isImage)) return undefined;

  const { altTextOf, isImageLanguage, relativePath, syntaxAt, writeImage, writePath } =
    await import('../../references/index.ts');
  if (!isImageLanguage(language)) return undefined;
  const relativePaths = uris.map((uri) =>
    relativePath({ image: pathOfUri(uri), folder: folder.uri.fsPath, document: document.uri.fsPath }),
  );
  const { text: line } = document.lineAt(position.line);
  const [onlyPath] = relativePaths.length === 1 ? relativePaths : [];
  if (onlyPath !== undefined && BEFORE_PATH.test(line.slice(0, position.character))) {
    return writePath(onlyPath, language, syntaxAt(line, position.character, language));
  }
  const images = await Promise.all(uris.map((uri) => describedImage(folders, uri)));
  const references = relativePaths.map((relative, i) => {
    const { labels = [], size } = images[i] ?? {};
    return writeImage({ path: relative, alt: altTextOf(labels, relative), size }, language);
  });
  return references.join('\n');
}
