import { createInference, HumanError, openModelFolder, type Inference } from '../clip/index.ts';
import { openLibrary, updateIndex, type Library, type UpdateSummary } from '../library/index.ts';
import { printable, type Format } from './output.ts';
import { progressDisplay } from './progress.ts';

/** Options of every command that looks at a folder of images. */
export interface FolderOptions {
  readonly model: string;
  readonly index?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly gitignore: boolean;
  readonly threads: number;
  readonly format: Format;
  readonly json?: boolean;
  readonly quiet?: boolean;
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
 * @throws HumanError where the folder has no image that could be embedded; the signal's reason when interrupted
 */
export async function openSession(folder: string, options: FolderOptions): Promise<Session> {
  const start = performance.now();
  await using cleanup = new AsyncDisposableStack();
  const model = await openModelFolder(options.model);
  const inference = cleanup.use(createInference({ model, hostScript: options.hostScript, threads: options.threads }));
  const library = cleanup.use(await openLibrary({ root: folder, indexFile: options.index, inference }));
  const summary = await update(library, options);
  options.signal.throwIfAborted();
  if (summary.found === 0) {
    throw new HumanError(`No images in ${library.root}. Check the folder, --include, --exclude and .gitignore.`);
  }
  if (summary.failures.length === summary.found) {
    const [first] = summary.failures;
    throw new HumanError(
      `None of the ${summary.found} images in ${library.root} can be read. The first: ${printable(first?.path ?? '')}: ${first?.reason ?? ''}`,
    );
  }
  const kept = cleanup.move();
  const seconds = (performance.now() - start) / 1000;
  return { inference, library, summary, seconds, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function update(library: Library, options: FolderOptions): Promise<UpdateSummary> {
  using progress = options.quiet ? undefined : progressDisplay('Indexing');
  return await updateIndex(library, {
    scan: { include: options.include, exclude: options.exclude, gitignore: options.gitignore },
    signal: options.signal,
    onProgress: ({ phase, done, total, imagesPerSecond }) => {
      if (phase === 'embed') {
        progress?.update({ done, total: total ?? done, note: `images, ${Math.round(imagesPerSecond)}/s` });
      }
    },
  });
}

/** What the index update did, for people, on standard error. */
export function reportUpdate({ summary, seconds }: Session, options: FolderOptions): void {
  if (options.quiet) return;
  const failed = summary.failures.length;
  const parts = [
    `${summary.found} images`,
    ...(summary.embedded ? [`${summary.embedded} embedded`] : []),
    ...(summary.reused ? [`${summary.reused} known by content`] : []),
    ...(summary.unchanged ? [`${summary.unchanged} unchanged`] : []),
    ...(summary.removed ? [`${summary.removed} gone`] : []),
    ...(failed ? [`${failed} left out`] : []),
  ];
  const lines = [`${parts.join(', ')}; ${seconds.toFixed(1)} s`];
  for (const { path, reason } of [...summary.failures, ...summary.unreadable].slice(0, MOST_FAILURES)) {
    lines.push(`  ${printable(path)}: ${printable(reason)}`);
  }
  const more = failed + summary.unreadable.length - MOST_FAILURES;
  if (more > 0) lines.push(`  and ${more} more; --json names them all`);
  process.stderr.write(`${lines.join('\n')}\n`);
}

const MOST_FAILURES = 20;

/** The format that was asked for; `--json` is short for one. */
export function formatOf({ format, json }: FolderOptions): Format {
  return json ? 'json' : format;
}
