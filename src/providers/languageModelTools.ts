import path from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../humanError.ts';
import type { TaggedImage } from '../library/index.ts';
import type { ImageFolder, ImageFolders } from '../workspace/imageFolders.ts';
import { signalOf } from '../workspace/log.ts';
import type { Services } from '../workspace/services.ts';

interface SearchInput {
  readonly query: string;
  readonly limit?: number;
}

interface DescribeInput {
  readonly path: string;
}

const LIMIT = 20;
const MOST = 100;

/** For agents: images of the workspace by what they show, as text. Only paths, sizes, labels and confidences are handed out. */
export function registerLanguageModelTools({ folders }: Services): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.lm.registerTool<SearchInput>('assetlens_search_images', {
      prepareInvocation: ({ input }) => ({
        invocationMessage: vscode.l10n.t('Searching the images of the workspace for "{0}"', input.query),
      }),
      async invoke({ input: { query, limit = LIMIT } }, token) {
        const indexed = await indexedFolders(folders);
        const most = Math.min(MOST, Math.max(1, Math.floor(limit)));
        const { search } = await import('../library/index.ts');
        const found: { line: string; likely: boolean; score: number }[] = [];
        for (const folder of indexed) {
          const options = { limit: most, names: true, collapseCopies: true, signal: signalOf(token) };
          for (const result of await search(await folder.library(), query, options)) {
            const { score, likely, width, height, copies } = result;
            const same = copies.length > 0 ? `, same as ${copies.join(', ')}` : '';
            const line = `${shown(folder, indexed, result.path)} (${percent(score)}, ${width}x${height}${same})`;
            found.push({ line, likely, score });
          }
        }
        found.sort((a, b) => Number(b.likely) - Number(a.likely) || b.score - a.score);
        const best = found.slice(0, most);
        return text([
          ...section(
            'Likely, by confidence:',
            best.filter(({ likely }) => likely),
          ),
          ...section(
            'Hardly above chance:',
            best.filter(({ likely }) => !likely),
          ),
          ...(best.length === 0 ? ['No image is indexed below these folders, or no path passes the filters.'] : []),
        ]);
      },
    }),
    vscode.lm.registerTool<DescribeInput>('assetlens_describe_image', {
      prepareInvocation: ({ input }) => ({
        invocationMessage: vscode.l10n.t('Looking up what {0} shows', path.basename(input.path)),
      }),
      async invoke({ input }) {
        const { folder, image } = await tagged(folders, input.path);
        const { path: file, width, height, format, bytes, tags, guesses } = image;
        const size = `${width}x${height} pixels, ${format}, ${bytes} bytes`;
        const labels = tags.map(({ label, score, byHand }) => `${label} (${byHand ? 'by hand' : percent(score)})`);
        const others = guesses.map(({ label, score }) => `${label} (${percent(score)})`);
        return text([
          `${folder.name}/${file}: ${size}`,
          `Labels that hold: ${labels.join(', ') || 'none'}`,
          ...(others.length > 0 ? [`Labels that nearly hold: ${others.join(', ')}`] : []),
        ]);
      },
    }),
  );
}

async function indexedFolders(folders: ImageFolders): Promise<ImageFolder[]> {
  const indexed: ImageFolder[] = [];
  for (const folder of folders.all()) if (await folder.hasIndex()) indexed.push(folder);
  if (indexed.length > 0) return indexed;
  throw new HumanError(
    'The images of this workspace are not indexed yet. Ask the user to run the command "AssetLens: Tag Workspace Images" first.',
  );
}

/** @param file absolute, or relative to a workspace folder, with or without the folder's name before it */
async function tagged(folders: ImageFolders, file: string): Promise<{ folder: ImageFolder; image: TaggedImage }> {
  const wanted = file.replaceAll('\\', '/');
  for (const folder of await indexedFolders(folders)) {
    const { byPath } = await folder.tags();
    const absolute = path.isAbsolute(file) ? path.relative(folder.uri.fsPath, file).split(path.sep).join('/') : wanted;
    const image = byPath.get(absolute) ?? byPath.get(absolute.replace(`${folder.name}/`, ''));
    if (image) return { folder, image };
  }
  throw new HumanError(`No indexed image has the path ${file}. Give it relative to a workspace folder.`);
}

function shown(folder: ImageFolder, folders: readonly ImageFolder[], file: string): string {
  return folders.length > 1 ? `${folder.name}/${file}` : file;
}

function section(title: string, found: readonly { readonly line: string }[]): string[] {
  return found.length > 0 ? [title, ...found.map(({ line }) => `- ${line}`)] : [];
}

function percent(score: number): string {
  return `${Math.round(100 * score)} %`;
}

function text(lines: readonly string[]): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(lines.join('\n'))]);
}
