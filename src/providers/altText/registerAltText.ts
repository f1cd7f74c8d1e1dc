import * as vscode from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { DESCRIBABLE_LANGUAGES, languageIds } from '../../references/languages.ts';
import { signalOf } from '../../workspace/log.ts';
import { uriOfPath } from '../../workspace/folders/imageUri.ts';
import { describedImage } from '../../workspace/references/describedImage.ts';
import { pathContextOf } from '../../workspace/references/pathContext.ts';
import type { Services } from '../../workspace/services.ts';

const KIND = vscode.CodeActionKind.QuickFix;

/** Registers a quick fix that adds the best labels of an image as its missing alternative text. */
export function registerAltText(services: Services): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    languageIds(DESCRIBABLE_LANGUAGES).map((language) => ({ scheme: 'file', language })),
    {
      async provideCodeActions(document, range, context, token) {
        if (context.only && !context.only.contains(KIND)) return [];
        const signal = signalOf(token);
        try {
          return await actionsAt(services, document, range, signal);
        } catch (error) {
          // The editor requests actions whenever the cursor moves, so a message would interrupt the user.
          if (!signal.aborted) services.log.error(error instanceof Error ? error : messageOf(error));
          return [];
        }
      },
    },
    { providedCodeActionKinds: [KIND] },
  );
}

async function actionsAt(
  services: Services,
  document: vscode.TextDocument,
  range: vscode.Range,
  signal: AbortSignal,
): Promise<vscode.CodeAction[]> {
  const { languageOf, undescribedImages } = await import('../../references/index.ts');
  const language = languageOf(document.uri.fsPath, document.languageId);
  const offsets = { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
  const actions: vscode.CodeAction[] = [];
  for (const { path, edit } of await undescribedImages(document.getText(), language, offsets)) {
    const altText = await altTextFor(services, document, path, signal);
    signal.throwIfAborted();
    if (altText === undefined) continue;
    const action = new vscode.CodeAction(vscode.l10n.t('AssetLens: Describe image as "{0}"', altText), KIND);
    const { start, end, text } = edit(altText);
    action.edit = new vscode.WorkspaceEdit();
    const replaced = new vscode.Range(document.positionAt(start), document.positionAt(end));
    action.edit.replace(document.uri, replaced, text);
    actions.push(action);
  }
  return actions;
}

/** Returns the alternative text for the image at a path in a document; undefined if the image has no labels. */
async function altTextFor(
  { folders }: Services,
  document: vscode.TextDocument,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { altTextOfLabels, resolveImage } = await import('../../references/index.ts');
  const resolved = await resolveImage(path, await pathContextOf(folders, document), signal);
  const image = resolved && (await describedImage(folders, uriOfPath(resolved.image)));
  return image && altTextOfLabels(image.labels);
}
