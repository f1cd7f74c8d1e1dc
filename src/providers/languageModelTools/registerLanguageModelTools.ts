import path from 'node:path';
import * as vscode from 'vscode';
import { percent } from '../../base/format.ts';
import { escapeMarkdown } from '../../base/markdown.ts';
import { printable } from '../../base/printable.ts';
import { normalImagePath } from '../../base/imagePath.ts';
import { UserError } from '../../base/userError.ts';
import type { TaggedImage } from '../../library/index.ts';
import type { ImageFolder } from '../../workspace/folders/imageFolder.ts';
import type { ImageFolders } from '../../workspace/folders/imageFolders.ts';
import { signalOf } from '../../workspace/log.ts';
import { indexedFolders, searchFolders, type Hit } from '../../workspace/folders/searchFolders.ts';
import type { Services } from '../../workspace/services.ts';
import { describeInput, pathsInFolder, searchInput, textOf } from './toolInput.ts';
import { nameInAnswer } from './toolText.ts';

/**
 * Registers the tools with which agents search and describe images. They return paths, sizes, labels and confidences.
 */
export function registerLanguageModelTools({ folders }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.lm.registerTool<unknown>('assetlens_search_images', {
      prepareInvocation: ({ input }) => ({
        invocationMessage: plainText(
          vscode.l10n.t('Searching the images of the workspace for "{0}"', textOf(input, 'query') ?? ''),
        ),
      }),
      async invoke({ input }, token) {
        const { query, limit } = searchInput(input);
        const indexed = await someIndexed(folders);
        const { hits } = await searchFolders(indexed, query, {
          limit,
          names: true,
          stack: true,
          signal: signalOf(token),
        });
        const line = (hit: Hit): string => `- ${lineOf(hit, indexed.length > 1)}`;
        const likely = hits.filter(({ result }) => result.likely);
        const others = hits.filter(({ result }) => !result.likely);
        return text([
          ...partialNotes(indexed),
          ...(likely.length > 0 ? ['Likely, by confidence:', ...likely.map(line)] : []),
          ...(others.length > 0 ? ['Less likely:', ...others.map(line)] : []),
          ...(hits.length === 0
            ? ['No results. Remove the path filters of the query, or ask the user to index the images.']
            : []),
        ]);
      },
    }),
    vscode.lm.registerTool<unknown>('assetlens_describe_image', {
      prepareInvocation: ({ input }) => ({
        invocationMessage: plainText(
          vscode.l10n.t('Reading the labels of {0}', path.basename(textOf(input, 'path') ?? '')),
        ),
      }),
      async invoke({ input }) {
        const { file: asked, includeMaybe } = describeInput(input);
        const { folder, image } = await tagged(folders, asked);
        const { path: file, width, height, format, bytes, tags, maybe } = image;
        const size = `${width}x${height} pixels, ${format}, ${bytes} bytes`;
        const labels = tags.map(
          ({ label, score, manual }) => `${nameInAnswer(label)} (${manual ? 'manual' : percent(score)})`,
        );
        const others = (includeMaybe ? maybe : []).map(
          ({ label, score }) => `${nameInAnswer(label)} (${percent(score)})`,
        );
        return text([
          `${nameInAnswer(`${folder.name}/${file}`)}: ${size}`,
          `Labels that apply: ${labels.join(', ') || 'none'}`,
          ...(others.length > 0 ? [`Maybe labels, one in three applies: ${others.join(', ')}`] : []),
        ]);
      },
    }),
  );
}

/** Tells an agent that images are missing. */
function partialNotes(folders: readonly ImageFolder[]): string[] {
  return folders.flatMap(({ name, partial }) => {
    return partial ? [`Only ${partial.done} of ${partial.total} images of ${nameInAnswer(name)} are indexed.`] : [];
  });
}

/** Returns the folders with an index. @throws UserError if there is none */
async function someIndexed(folders: ImageFolders): Promise<ImageFolder[]> {
  const indexed = await indexedFolders(folders.all());
  if (indexed.length > 0) return indexed;
  throw new UserError(
    'The images of this workspace are not indexed yet. Ask the user to run the command "AssetLens: Tag Workspace Images" first.',
  );
}

/**
 * Returns an indexed image and its folder.
 * @param file absolute, or relative to a workspace folder, with or without the name of the folder at the start
 * @throws UserError if no indexed image has this path
 */
async function tagged(folders: ImageFolders, file: string): Promise<{ folder: ImageFolder; image: TaggedImage }> {
  const several = folders.all().length > 1;
  for (const folder of await someIndexed(folders)) {
    const { byPath } = await folder.tags();
    for (const relative of pathsInFolder(file, folder.uri.fsPath, folder.name, several)) {
      const image = byPath.get(normalImagePath(relative));
      if (image) return { folder, image };
    }
  }
  throw new UserError(
    `No indexed image has the path ${file}. Call the tool again with a path relative to a workspace folder.`,
  );
}

function lineOf({ folder, result }: Hit, severalFolders: boolean): string {
  const { path: file, score, width, height, copies } = result;
  const same = copies.length > 0 ? `, same as ${copies.map(nameInAnswer).join(', ')}` : '';
  const name = nameInAnswer(`${severalFolders ? `${folder.name}/` : ''}${file}`);
  return `${name} (${percent(score)}, ${width}x${height}${same})`;
}

/** A message in which the texts of the agent are not Markdown. */
function plainText(message: string): vscode.MarkdownString {
  return new vscode.MarkdownString(escapeMarkdown(printable(message)));
}

function text(lines: readonly string[]): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(lines.join('\n'))]);
}
