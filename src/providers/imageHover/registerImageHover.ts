import path from 'node:path';
import * as vscode from 'vscode';
import { UserError, messageOf } from '../../base/userError.ts';
import type { Thumbnail } from '../../clip/index.ts';
import type { TaggedImage } from '../../library/index.ts';
import { findImageAt } from '../../references/imagePaths.ts';
import { signalOf } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { pathContextOf } from '../../workspace/references/pathContext.ts';
import { pathsAt } from '../../references/pathsInText.ts';
import { readSettings } from '../../workspace/settings.ts';
import { themeBackground } from '../../workspace/thumbnails/thumbnails.ts';
import { fileSize } from '../../base/fileSize.ts';
import { HOVER_COMMANDS, hoverMarkdown, type HoverLink } from './hoverMarkdown.ts';
import { shownSize, THUMBNAIL_BOX } from './thumbnailSize.ts';
import { untilAborted } from './untilAborted.ts';

const TAGS = 5;
const WITH_EXTENSION = /\.\w{3,4}(?:$|[?#])/;

/** Over the path of an image in any text file: the image, what is known of it, and where to go from there. */
export function registerImageHover(services: Services): vscode.Disposable {
  return vscode.languages.registerHoverProvider(
    { scheme: 'file' },
    {
      async provideHover(document, position, token) {
        if (!readSettings(document.uri).hover) return undefined;
        const signal = signalOf(token);
        try {
          return await hoverAt(services, document, position, signal);
        } catch (error) {
          // A message would come up wherever the mouse rests.
          if (!signal.aborted) services.log.error(error instanceof Error ? error : messageOf(error));
          return undefined;
        }
      },
    },
  );
}

/** @throws the signal's reason when it aborts: nothing is shown then */
export async function hoverAt(
  services: Services,
  document: vscode.TextDocument,
  position: vscode.Position,
  signal: AbortSignal,
): Promise<vscode.Hover | undefined> {
  const { text: line } = document.lineAt(position.line);
  // Before anything is loaded: most hovers are over texts that cannot be paths of files.
  if (!pathsAt(line, position.character).some(({ text }) => WITH_EXTENSION.test(text))) return undefined;
  const found = await findImageAt(line, position.character, await pathContextOf(services, document), signal);
  if (!found) return undefined;
  const uri = vscode.Uri.file(found.file);
  const [thumbnail, tagged] = await Promise.all([
    thumbnailOf(services, found.file, signal),
    untilAborted(taggedImage(services, uri), signal),
  ]);
  signal.throwIfAborted();
  // An image that cannot be read is not in the index either, and for the same reason.
  const notes =
    typeof thumbnail === 'string' ? [vscode.l10n.t('This image cannot be shown: {0}', thumbnail)] : tagged.notes;
  const text = new vscode.MarkdownString(
    hoverMarkdown({
      name: path.basename(found.file),
      ...(typeof thumbnail === 'string' ? { facts: [], picture: null } : pictured(thumbnail)),
      tags: tagged.tags,
      manual: vscode.l10n.t('by hand'),
      notes,
      links: tagged.links,
    }),
  );
  text.isTrusted = { enabledCommands: HOVER_COMMANDS };
  return new vscode.Hover(text, new vscode.Range(position.line, found.start, position.line, found.end));
}

/** Or why there is none. */
async function thumbnailOf(services: Services, file: string, signal: AbortSignal): Promise<Thumbnail | string> {
  const inference = await services.inference();
  const box = { ...THUMBNAIL_BOX, background: themeBackground() };
  try {
    return await inference.thumbnail({ kind: 'file', path: file }, box, signal);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n')[0] ?? '';
    throw error;
  }
}

function pictured(thumbnail: Thumbnail) {
  const { width, height, format, bytes } = thumbnail.image;
  return {
    facts: [vscode.l10n.t('{0} × {1} px {2}', width, height, format), fileSize(bytes)],
    picture: { bytes: thumbnail.bytes, ...shownSize(thumbnail), alt: vscode.l10n.t('Thumbnail') },
  };
}

interface Known {
  readonly tags: TaggedImage['tags'];
  readonly notes: readonly string[];
  readonly links: readonly HoverLink[];
}

/** What the index knows of an image. A folder without an index stays without one: its library is not opened. */
async function taggedImage(services: Services, uri: vscode.Uri): Promise<Known> {
  const file = services.folders.locate(uri);
  if (!file) return { tags: [], notes: [], links: [] };
  if (!(await file.folder.hasIndex())) {
    const link: HoverLink = { title: vscode.l10n.t('Tag Workspace Images'), command: 'assetlens.tagWorkspace' };
    return { tags: [], notes: [], links: [link] };
  }
  try {
    const { images, byPath } = await file.folder.tags();
    const image = byPath.get(file.path);
    if (!image) return { tags: [], notes: [vscode.l10n.t('This image is not in the index.')], links: [] };
    const copies = images.reduce((count, { hash }) => count + Number(hash === image.hash), 0) - 1;
    const notes = [
      ...(image.tags.length === 0 ? [vscode.l10n.t('No label holds for this image.')] : []),
      ...(copies > 0 ? [copies === 1 ? vscode.l10n.t('1 copy') : vscode.l10n.t('{0} copies', copies)] : []),
    ];
    return { tags: image.tags.slice(0, TAGS), notes, links: linksOf(uri) };
  } catch (error) {
    if (error instanceof UserError) return { tags: [], notes: [error.message.split('\n')[0] ?? ''], links: [] };
    throw error;
  }
}

function linksOf(uri: vscode.Uri): HoverLink[] {
  return [
    { title: vscode.l10n.t('Find Similar'), command: 'assetlens.findSimilar', argument: uri },
    { title: vscode.l10n.t('Add Tag…'), command: 'assetlens.addTag', argument: uri },
  ];
}
