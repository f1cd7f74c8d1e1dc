import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { hasCrashed, lastLines, runCommand, type CommandOptions, type CommandResult } from '../command.ts';
import { isolatedEnvironment } from '../environment.ts';
import { drawing } from '../../shared/drawing.ts';
import { baseImage } from '../images/baseImages.ts';
import { compareIndexes, readIndex, type IndexContent } from '../indexContent.ts';
import type { TrialContext } from '../trial.ts';
import { tagDifferences, tagsIn, type ImageTags } from './tagOutput.ts';

/** A folder of images whose index and tags are known, from a run that nothing disturbed. */
export interface Workspace {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly expected: IndexContent;
  readonly tags: ImageTags;
  /** The time of the undisturbed run. */
  readonly milliseconds: number;
}

/** No command of these trials takes longer, even on a busy machine. */
const LIMIT_MILLISECONDS = 120_000;

/** Writes images and indexes them once. */
export async function createWorkspace(
  { folder, isShort }: TrialContext,
  images: { readonly full: number; readonly short: number },
): Promise<Workspace> {
  const root = path.join(folder, 'images');
  const environment = await isolatedEnvironment(folder);
  await writeImages(root, isShort ? images.short : images.full);
  const indexFile = path.join(folder, 'expected.db');
  const start = performance.now();
  const result = await tag({ root, environment }, indexFile);
  const milliseconds = performance.now() - start;
  if (result.code !== 0) throw new Error(`The images cannot be indexed: ${lastLines(result)}`);
  return { root, environment, milliseconds, expected: readIndex(indexFile), tags: tagsIn(result.stdout) };
}

/** Writes distinct drawings and pictures in several folders, some copies, and some images that cannot be read. */
async function writeImages(root: string, images: number): Promise<void> {
  for (let i = 0; i < images; i++) {
    const folder = path.join(root, `folder ${i % 7}`);
    await mkdir(folder, { recursive: true });
    if (i % 20 === 7) await writeFile(path.join(folder, `${i}.png`), await baseImage('png', i));
    else await writeFile(path.join(folder, `${i}.svg`), drawing(i));
    if (i % 50 === 9) await copyFile(path.join(folder, `${i}.svg`), path.join(folder, `copy of ${i}.svg`));
    if (i % 50 === 13) await writeFile(path.join(folder, `bad ${i}.png`), 'not an image');
  }
}

/** Runs `assetlens tag` for a folder. */
export function tag(
  { root, environment }: Pick<Workspace, 'root' | 'environment'>,
  indexFile: string,
  options: Partial<CommandOptions> = {},
): Promise<CommandResult> {
  const args = ['tag', root, '--json', '--top', '1000', '--index', indexFile];
  return runCommand(args, { environment, limitMilliseconds: LIMIT_MILLISECONDS, ...options });
}

/** Reports a command that crashed or hung. @returns whether it did neither */
export function checkEnd({ tally }: TrialContext, number: number, what: string, result: CommandResult): boolean {
  tally.memory(result.peak);
  if (result.isHung) tally.fail('hung', number, `${what} does not end: ${lastLines(result)}`);
  else if (hasCrashed(result)) tally.fail('crashed', number, `${what}: ${lastLines(result)}`);
  else return true;
  return false;
}

/** Runs `tag` to its end and compares the index and the tags with the expected ones. */
export async function checkIndex(
  context: TrialContext,
  { workspace, indexFile, number, manualTags = new Map() }: IndexCheck,
): Promise<void> {
  const { tally } = context;
  const result = await tag(workspace, indexFile);
  if (!checkEnd(context, number, 'the last run', result)) return;
  if (result.code !== 0) {
    tally.fail('wrong', number, `the last run has exit code ${result.code}: ${lastLines(result)}`);
    return;
  }
  const { expected } = workspace;
  const actual = readIndex(indexFile);
  for (const { kind, what } of compareIndexes({ ...expected, manualTags }, actual)) tally.fail(kind, number, what);
  // From the index: a process that was killed may have stored a tag that it did not report.
  const labels = new Set([...actual.manualTags.keys()].map((key) => key.slice(key.indexOf(' ') + 1)));
  for (const what of tagDifferences(workspace.tags, tagsIn(result.stdout), labels)) tally.fail('wrong', number, what);
}

export interface IndexCheck {
  readonly workspace: Workspace;
  readonly indexFile: string;
  readonly number: number;
  /** The manual tags that the index must have: "hash label" → whether the label applies. */
  readonly manualTags?: ReadonlyMap<string, boolean>;
}
