import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { assembleSample, type Sample } from '../../tools/shared/sampleWorkspace.ts';
import { provideEditor } from '../../tools/vscodeHost/provideEditor.ts';
import { startServer } from '../vscode/host/codeServer.ts';
import { openWorkbench, startBrowser } from '../vscode/host/workbench.ts';
import { installVsix, packageVsix } from './install.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** A limit for hangs only. Packing and installing use the npm registry. */
const PREPARE_MILLISECONDS = 15 * 60_000;
/** Pixels of a screenshot per CSS pixel. `npm run media` takes its pictures from screenshots of scale 2. */
const SCREENSHOT_SCALE = Number(process.env['ASSETLENS_SCREENSHOT_SCALE'] ?? 1);

/** A VS Code with the packed extension, opened in a folder of 500 images. */
export interface Tour {
  readonly sample: Sample;
  readonly page: Page;
  /** Takes a screenshot for developers to look at. */
  screenshot(name: string): Promise<void>;
}

export interface TourOptions {
  /** The name of the folder in build/screenshots. */
  readonly name: string;
  /** Changes the sample before it is opened. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Additional environment variables of the editor. Called in a mocha hook, after the earlier hooks. */
  readonly environment?: () => Record<string, string>;
  /** User settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether the editor asks for trust in the folder. */
  readonly asksForTrust?: boolean;
  /** Called with the page before the first step. */
  readonly onPage?: (page: Page) => void;
}

/**
 * Registers the hooks of a describe block whose tests use VS Code. They pack the VSIX (once per process, unless
 * ASSETLENS_VSIX names one), install it, open the sample, and fail a test that leaves an error message on the screen.
 * On a machine that can have no editor, the tests are skipped, or fail with ASSETLENS_REQUIRE_EDITOR=1.
 */
export function startTour({ name, prepare, environment, settings, asksForTrust, onPage }: TourOptions): () => Tour {
  let tour: Tour | undefined;
  const cleanups: (() => PromiseLike<unknown>)[] = [];

  before(async function () {
    this.timeout(PREPARE_MILLISECONDS);
    const editor = await provideEditor();
    if (typeof editor === 'string') {
      const message = `NO EDITOR: the packed extension was not tested. ${editor}`;
      if (process.env['ASSETLENS_REQUIRE_EDITOR'] === '1') throw new Error(message);
      process.stdout.write(`${message}\n`);
      this.skip();
    }
    const { host, chromium } = editor;
    const vsix = process.env['ASSETLENS_VSIX'] ?? (await packageVsix(root));
    const screenshots = path.join(root, 'build/screenshots', name);
    await rm(screenshots, { recursive: true, force: true });
    await mkdir(screenshots, { recursive: true });
    const scratch = await mkdtemp(path.join(tmpdir(), `assetlens-${name}-`));
    cleanups.push(() => rm(scratch, { recursive: true, force: true }));
    const sample = await assembleSample(path.join(scratch, 'sample workspace'));
    await prepare?.(sample.folder);
    const extensions = path.join(scratch, 'extensions');
    await installVsix(host, vsix, extensions, scratch);
    const server = await startServer({
      host,
      extensions,
      logFile: path.join(screenshots, 'server.log'),
      ...(environment && { env: environment() }),
      ...(settings && { settings }),
      ...(asksForTrust !== undefined && { asksForTrust }),
    });
    cleanups.push(() => server[Symbol.asyncDispose]());
    const browser = await startBrowser(chromium);
    cleanups.push(() => browser.close());
    const page = await openWorkbench(browser, server, { folder: sample.folder, scale: SCREENSHOT_SCALE });
    onPage?.(page);
    let shots = 0;
    const screenshot = async (title: string): Promise<void> => {
      shots++;
      await page.waitForTimeout(600); // widgets fade in
      const picture = await page.screenshot();
      await writeFile(path.join(screenshots, `${String(shots).padStart(2, '0')}-${title}.png`), picture);
    };
    tour = { sample, page, screenshot };
  });

  afterEach(async function () {
    if (!tour) return;
    if (this.currentTest?.state === 'failed') await tour.screenshot('failed');
    assert.equal(await tour.page.locator('.notification-toast .codicon-error').count(), 0, 'an error message is shown');
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  return () => {
    assert.ok(tour, 'the tour has not started');
    return tour;
  };
}

/** The name of a picture in its icon set, for a text that contains the name of its file and its folder. */
export function nameOf(sample: Sample, text: string): string {
  const entry = [...sample.names].find(
    ([file]) => text.includes(path.posix.basename(file)) && text.includes(path.posix.dirname(file)),
  );
  return entry?.[1] ?? '';
}
