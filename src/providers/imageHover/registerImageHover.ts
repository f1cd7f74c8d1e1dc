import path from 'node:path';
import * as vscode from 'vscode';
import { fileOfImage } from '../../base/imagePath.ts';
import { fileSize } from '../../base/format.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { Thumbnail } from '../../clip/index.ts';
import type { TaggedImage } from '../../library/index.ts';
import type { ImageInText } from '../../references/index.ts';
import { uriOfPath } from '../../workspace/folders/imageUri.ts';
import { signalOf } from '../../workspace/log.ts';
import { pathContextOf } from '../../workspace/references/pathContext.ts';
import type { Services } from '../../workspace/services.ts';
import { readSettings } from '../../workspace/settings.ts';
import { themeBackground } from '../../workspace/thumbnails/thumbnails.ts';
import { HOVER_COMMANDS, hoverMarkdown, type HoverContent, type HoverLink } from './hoverMarkdown.ts';
import { shownSize, THUMBNAIL_BOX } from './thumbnailSize.ts';
import { untilAborted } from './untilAborted.ts';

/** Maximum number of tags in a hover. */
const MOST_TAGS = 5;
/** Number of characters on each side of the pointer in which a file extension is searched. Paths are shorter. */
const REACH = 1000;
const EXTENSION = /\.\w{3,4}(?!\w)/;

/** Registers the hover over the path of an image in any text file: the image, its labels, and links to commands. */
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
          // A message would appear wherever the pointer stops.
          if (!signal.aborted) services.log.error(error instanceof Error ? error : messageOf(error));
          return undefined;
        }
      },
    },
  );
}

/** @throws the signal's reason when it aborts */
export async function hoverAt(
  services: Services,
  document: vscode.TextDocument,
  position: vscode.Position,
  signal: AbortSignal,
): Promise<vscode.Hover | undefined> {
  const image = await imageAt(services, document, position, signal);
  if (!image) return undefined;
  const { path: shown, thumbnail } = await shownImage(services, image, signal);
  const indexed = await untilAborted(indexedImage(services, uriOfPath(shown)), signal);
  signal.throwIfAborted();
  const text = new vscode.MarkdownString(
    hoverMarkdown({
      name: path.basename(shown),
      manual: vscode.l10n.t('manual'),
      ...indexed,
      ...(typeof thumbnail === 'string' ? withoutPicture(thumbnail) : withPicture(thumbnail)),
    }),
  );
  text.isTrusted = { enabledCommands: HOVER_COMMANDS };
  return new vscode.Hover(text, new vscode.Range(position.line, image.start, position.line, image.end));
}

async function imageAt(
  { folders }: Services,
  document: vscode.TextDocument,
  { line, character }: vscode.Position,
  signal: AbortSignal,
): Promise<ImageInText | undefined> {
  const { text } = document.lineAt(line);
  // Checked before any module is loaded, because most hovers are over text without paths.
  if (!EXTENSION.test(text.slice(Math.max(0, character - REACH), character + REACH))) return undefined;
  const { findImageAt } = await import('../../references/index.ts');
  return findImageAt(text, character, await pathContextOf(folders, document), signal);
}

interface ShownImage {
  readonly path: string;
  /** The reason if there is none. */
  readonly thumbnail: Thumbnail | string;
}

/** The image that a text refers to. If it names no symbol of the file, this is the whole file. */
async function shownImage(services: Services, { image, file }: ImageInText, signal: AbortSignal): Promise<ShownImage> {
  const thumbnail = await thumbnailOf(services, image, signal);
  if (image === file || typeof thumbnail !== 'string') return { path: image, thumbnail };
  return { path: file, thumbnail: await thumbnailOf(services, file, signal) };
}

/** The thumbnail of an image, or the reason why there is none. */
async function thumbnailOf(services: Services, file: string, signal: AbortSignal): Promise<Thumbnail | string> {
  const inference = await services.inference();
  const box = { ...THUMBNAIL_BOX, background: themeBackground() };
  try {
    const folder = vscode.workspace.getWorkspaceFolder(uriOfPath(file))?.uri.fsPath;
    return await inference.thumbnail({ kind: 'file', path: file, folder }, box, signal);
  } catch (error) {
    if (error instanceof UserError) return firstLine(error);
    throw error;
  }
}

function withPicture(thumbnail: Thumbnail): Pick<HoverContent, 'facts' | 'picture'> {
  const { width, height, format, bytes } = thumbnail.image;
  return {
    facts: [vscode.l10n.t('{0} × {1} px {2}', width, height, format), fileSize(bytes)],
    picture: { bytes: thumbnail.bytes, ...shownSize(thumbnail), alt: vscode.l10n.t('Thumbnail') },
  };
}

/** The reason replaces the notes about the index, because it is also the reason why the image is not indexed. */
function withoutPicture(reason: string): Pick<HoverContent, 'facts' | 'picture' | 'notes'> {
  return { facts: [], picture: null, notes: [vscode.l10n.t('AssetLens cannot show this image: {0}', reason)] };
}

interface IndexedImage {
  readonly tags: TaggedImage['tags'];
  readonly notes: readonly string[];
  readonly links: readonly HoverLink[];
}

/** Returns the part of a hover that comes from the index. It does not create an index. */
async function indexedImage({ folders }: Services, uri: vscode.Uri): Promise<IndexedImage> {
  const file = folders.locate(uri);
  if (!file) return { tags: [], notes: [], links: [] };
  if (!(await file.folder.hasIndex())) {
    const link: HoverLink = { title: vscode.l10n.t('Tag Workspace Images'), command: 'assetlens.tagWorkspace' };
    return { tags: [], notes: [], links: [link] };
  }
  try {
    const { images, byPath } = await file.folder.tags();
    const image = byPath.get(file.path);
    if (!image) return { tags: [], notes: [noteWithoutImage(images, file.path)], links: [] };
    const copies = images.reduce((count, { hash }) => count + Number(hash === image.hash), 0) - 1;
    const notes = [
      ...(image.tags.length === 0 ? [vscode.l10n.t('No label reaches its threshold for this image.')] : []),
      ...(copies > 0 ? [copies === 1 ? vscode.l10n.t('1 copy') : vscode.l10n.t('{0} copies', copies)] : []),
    ];
    return { tags: image.tags.slice(0, MOST_TAGS), notes, links: linksTo(uri) };
  } catch (error) {
    if (error instanceof UserError) return { tags: [], notes: [firstLine(error)], links: [] };
    throw error;
  }
}

function noteWithoutImage(images: readonly TaggedImage[], path: string): string {
  const symbols = images.filter((image) => fileOfImage(image.path) === path).length;
  return symbols === 0
    ? vscode.l10n.t('This image is not indexed.')
    : vscode.l10n.t('This file is a sheet of symbols ({0}), which are images of their own.', symbols);
}

function linksTo(uri: vscode.Uri): HoverLink[] {
  return [
    { title: vscode.l10n.t('Find Similar'), command: 'assetlens.findSimilar', argument: uri },
    { title: vscode.l10n.t('Add Tag…'), command: 'assetlens.addTag', argument: uri },
  ];
}

function firstLine({ message }: UserError): string {
  return message.split('\n')[0] ?? '';
}
