import { fileOfImage } from '../base/imagePath.ts';
import { UserError } from '../base/userError.ts';
import {
  createInference,
  findModel,
  modelsFolder,
  openModelFolder,
  type BundledModel,
  type Inference,
} from '../clip/index.ts';
import {
  countImages,
  globFilter,
  listFailures,
  openLibrary,
  updateIndex,
  type Failure,
  type Library,
  type UpdateSummary,
} from '../library/index.ts';
import { deviceOptions, type DeviceChoice } from './device.ts';
import { limitsOf, type LimitOptions } from './limits.ts';
import { report, type Format } from './output.ts';
import { progressDisplay } from './progress.ts';
import { cancelledReport, distrustReport, noImages, readOnlyReport, recoveryReport, updateReport } from './reports.ts';
import { text } from './text.ts';

/** Options of the commands that work on a folder of images. */
export interface FolderOptions extends DeviceChoice, LimitOptions {
  /** Name of an installed model, or a model folder. Default: the chosen model. */
  readonly model?: string;
  readonly bundled: BundledModel;
  readonly index?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly gitignore: boolean;
  readonly threads?: number;
  readonly format: Format;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly followLinks?: boolean;
  /** Whether to compare the content of all files with the index. */
  readonly verify?: boolean;
  /** Whether to retry images that failed before. */
  readonly retryFailed?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** An open folder. Its index is up to date, or read-only. */
export interface Session extends AsyncDisposable {
  readonly inference: Inference;
  readonly library: Library;
  /** Tells whether --include and --exclude select a file; undefined if they are not used. */
  readonly where: ((file: string) => boolean) | undefined;
  readonly summary: UpdateSummary;
  readonly seconds: number;
}

/**
 * Opens the index of a folder and brings it up to date, with progress on standard error.
 * @throws UserError if the folder has no image; the signal's reason if the user interrupts
 */
export async function openSession(folder: string, options: FolderOptions): Promise<Session> {
  const start = performance.now();
  const where = pathSelection(options);
  const model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
  const { hostScript, threads } = options;
  const inference = createInference({
    model,
    hostScript,
    device: deviceOptions(options),
    limits: () => limitsOf(options),
    ...(threads && { threads }),
  });
  let library: Library | undefined;
  const dispose = async (): Promise<void> => {
    await library?.[Symbol.asyncDispose]();
    await inference[Symbol.asyncDispose]();
  };
  try {
    library = await openLibrary({ root: folder, indexFile: options.index, inference });
    if (library.distrusted) report(distrustReport(library.distrusted, library.indexFile));
    if (library.recovered) report(recoveryReport(library.recovered));
    const summary = await summaryOf(library, options);
    options.signal.throwIfAborted();
    if (summary.found === 0) {
      throw new UserError(noImages(library.root, summary.unread));
    }
    const seconds = (performance.now() - start) / 1000;
    return { inference, library, where, summary, seconds, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Filters the files of the index. It may contain more files, because other commands and the editor share it. */
function pathSelection({ include, exclude }: FolderOptions): ((file: string) => boolean) | undefined {
  if (!include && !exclude) return undefined;
  const globs = globFilter({ include, exclude });
  return (image) => globs.reaches(fileOfImage(image));
}

async function summaryOf(library: Library, options: FolderOptions): Promise<UpdateSummary> {
  if (library.readOnly !== undefined) {
    report(readOnlyReport(library.indexFile, library.readOnly));
    return storedSummary(library);
  }
  const summary = await update(library, options);
  if (summary.cancelled) report(cancelledReport(summary));
  return summary;
}

async function update(library: Library, options: FolderOptions): Promise<UpdateSummary> {
  using progress = options.quiet ? undefined : progressDisplay('Indexing');
  return await updateIndex(library, {
    scan: {
      ...{ include: options.include, exclude: options.exclude },
      ...{ gitignore: options.gitignore, followLinks: options.followLinks },
    },
    verify: options.verify,
    keepExcluded: true,
    signal: options.signal,
    retryFailed: options.retryFailed,
    onProgress: ({ phase, done, total, imagesPerSecond }) => {
      if (phase === 'wait' && !options.quiet) {
        report(text`Another AssetLens process is indexing this folder. Waiting for it to finish.\n`);
      }
      if (phase === 'embed') {
        progress?.update({ done, total: total ?? done, note: `images, ${Math.round(imagesPerSecond)}/s` });
      }
      if (phase === 'looks') {
        progress?.update({ done, total: total ?? done, note: 'images: reading colours, once after an upgrade' });
      }
    },
  });
}

/** Returns the summary of a read-only index. */
async function storedSummary(library: Library): Promise<UpdateSummary> {
  const failures: Failure[] = [];
  for await (const page of listFailures(library)) failures.push(...page);
  const { files } = countImages(library);
  return {
    ...{ cancelled: false, partial: null, found: files + failures.length, unchanged: files },
    ...{ embedded: 0, reused: 0, removed: 0, failures, unreadable: [] },
    unread: { outside: [], special: [], formats: [] },
  };
}

/**
 * Reports on standard error what the update of the index did, and which images it skipped.
 * @throws UserError if no image could be read
 */
export function reportUpdate({ summary, seconds }: Session, options: FolderOptions): void {
  const { found, failures } = summary;
  if (!options.quiet) report(updateReport(summary, seconds));
  if (failures.length === found)
    throw new UserError(`None of the ${found} images can be read. Check the reasons above and the files.`);
}

/** Returns the output format. `--json` is the same as `--format json`. */
export function formatOf({ format, json }: FolderOptions): Format {
  return json ? 'json' : format;
}
