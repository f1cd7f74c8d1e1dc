import {
  createInference,
  findModel,
  UserError,
  modelsFolder,
  openModelFolder,
  type BundledModel,
  type Inference,
} from '../clip/index.ts';
import { openLibrary, updateIndex, type Library, type RecoveredIndex, type UpdateSummary } from '../library/index.ts';
import { deviceOptions, type DeviceChoice } from './device.ts';
import { printable, type Format } from './output.ts';
import { progressDisplay } from './progress.ts';

/** Options of every command that looks at a folder of images. */
export interface FolderOptions extends DeviceChoice {
  /** Name of an installed model, or a model folder; without it the chosen one. */
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
  /** Images that failed before are tried again. */
  readonly retryFailed?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** A folder whose index is up to date. */
export interface Session extends AsyncDisposable {
  readonly inference: Inference;
  readonly library: Library;
  readonly summary: UpdateSummary;
  readonly seconds: number;
}

/**
 * Opens the index of a folder and brings it up to date, showing progress on standard error.
 * @throws UserError where the folder has no image; the signal's reason when interrupted
 */
export async function openSession(folder: string, options: FolderOptions): Promise<Session> {
  const start = performance.now();
  const model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
  const { hostScript, threads } = options;
  const inference = createInference({ model, hostScript, device: deviceOptions(options), ...(threads && { threads }) });
  let library: Library | undefined;
  const dispose = async (): Promise<void> => {
    await library?.[Symbol.asyncDispose]();
    await inference[Symbol.asyncDispose]();
  };
  try {
    library = await openLibrary({ root: folder, indexFile: options.index, inference });
    if (library.recovered) process.stderr.write(recoveryReport(library.recovered));
    const summary = await update(library, options);
    if (summary.cancelled) process.stderr.write('What was indexed is kept; the same command goes on from there.\n');
    options.signal.throwIfAborted();
    if (summary.found === 0) {
      throw new UserError(`No images in ${library.root}. Check the folder, --include, --exclude and .gitignore.`);
    }
    const seconds = (performance.now() - start) / 1000;
    return { inference, library, summary, seconds, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function update(library: Library, options: FolderOptions): Promise<UpdateSummary> {
  using progress = options.quiet ? undefined : progressDisplay('Indexing');
  return await updateIndex(library, {
    scan: { include: options.include, exclude: options.exclude, gitignore: options.gitignore },
    signal: options.signal,
    retryFailed: options.retryFailed,
    onProgress: ({ phase, done, total, imagesPerSecond }) => {
      if (phase === 'embed') {
        progress?.update({ done, total: total ?? done, note: `images, ${Math.round(imagesPerSecond)}/s` });
      }
    },
  });
}

function recoveryReport({ keptAs, manualTags, complete }: RecoveredIndex): string {
  const tags = `${manualTags} tags given by hand were taken over${complete ? '' : ', and there may have been more that cannot be read'}`;
  return `The index was damaged and is begun anew. The damaged one is kept as ${keptAs}; ${tags}.\n`;
}

/**
 * Says on standard error what the index update did, and which images it left out.
 * @throws UserError where not one image could be read: nothing was done
 */
export function reportUpdate(session: Session, options: FolderOptions): void {
  const { found, failures } = session.summary;
  if (!options.quiet) process.stderr.write(updateReport(session));
  if (failures.length === found) throw new UserError(`None of the ${found} images can be read.`);
}

function updateReport({ summary, seconds }: Session): string {
  const leftOut = [...summary.failures, ...summary.unreadable];
  const parts = [
    `${summary.found} images`,
    ...(summary.embedded ? [`${summary.embedded} embedded`] : []),
    ...(summary.reused ? [`${summary.reused} known by content`] : []),
    ...(summary.unchanged ? [`${summary.unchanged} unchanged`] : []),
    ...(summary.removed ? [`${summary.removed} gone`] : []),
    ...(leftOut.length ? [`${leftOut.length} left out`] : []),
  ];
  const lines = [
    `${parts.join(', ')}; ${seconds.toFixed(1)} s`,
    ...leftOut.slice(0, MOST_FAILURES).map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`),
  ];
  const more = leftOut.length - MOST_FAILURES;
  if (more > 0) lines.push(`  and ${more} more; "assetlens tag --json" names them all`);
  return `${lines.join('\n')}\n`;
}

const MOST_FAILURES = 20;

/** The format that was asked for; `--json` is short for one. */
export function formatOf({ format, json }: FolderOptions): Format {
  return json ? 'json' : format;
}
