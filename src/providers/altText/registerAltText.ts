import * as vscode from 'vscode';
import { messageOf } from '../../base/userError.ts';
import { resolveImage } from '../../references/imagePaths.ts';
import { signalOf } from '../../workspace/log.ts';
import { pathContextOf } from '../../workspace/references/pathContext.ts';
import type { Services } from '../../workspace/services.ts';
import type { UndescribedImage } from './undescribedImages.ts';

const LABELS = 3;
/** Characters before and after the cursor that are looked at: an <img> may stand in several lines. */
const REACH = 5000;
const KIND = vscode.CodeActionKind.QuickFix;

/** In Markdown and HTML: describes an image that has no alt text by its surest labels. */
export function registerAltText(services: Services): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    ['markdown', 'html'].map((language) => ({ scheme: 'file', language })),
    {
      async provideCodeActions(document, range, context, token) {
        if (context.only && !context.only.contains(KIND)) return [];
        const signal = signalOf(token);
        try {
          return await actionsAt(services, document, range, signal);
        } catch (error) {
          // Nobody asked: the editor looks for actions wherever the cursor goes.
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
  const { undescribedImages } = await import('./undescribedImages.ts');
  const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  const start = Math.max(0, from - REACH);
  const text = document.getText(new vscode.Range(document.positionAt(start), document.positionAt(to + REACH)));
  const images = undescribedImages(text, document.languageId === 'markdown').filter(
    (image) => start + image.start <= to && from <= start + image.end,
  );
  const actions: vscode.CodeAction[] = [];
  for (const image of images) {
    const altText = await altTextOf(services, document, image, signal);
    signal.throwIfAborted();
    if (altText === undefined) continue;
    const action = new vscode.CodeAction(vscode.l10n.t('AssetLens: Describe image as "{0}"', altText), KIND);
    const edit = image.edit(altText);
    const replaced = new vscode.Range(document.positionAt(start + edit.start), document.positionAt(start + edit.end));
    action.edit = new vscode.WorkspaceEdit();
    action.edit.replace(document.uri, replaced, edit.text);
    actions.push(action);
  }
  return actions;
}

/** The surest labels of an image that is indexed and has any. A folder without an index stays without one. */
async function altTextOf(
  services: Services,
  document: vscode.TextDocument,
  { path }: UndescribedImage,
  signal: AbortSignal,
): Promise<string | undefined> {
  const file = await resolveImage(path, await pathContextOf(services, document), signal);
  const image = file === undefined ? undefined : services.folders.locate(vscode.Uri.file(file));
  if (!image || !(await image.folder.hasIndex())) return undefined;
  const { byPath } = await image.folder.tags();
  const labels = (byPath.get(image.path)?.tags ?? [])
    .slice(0, LABELS)
    .map(({ label }) => label.replace(/[\p{Cc}\s]+/gu, ' ').trim());
  return labels.length > 0 ? labels.join(', ') : undefined;
}
