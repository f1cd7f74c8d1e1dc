import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { assembleSample, type Sample } from '../../tools/shared/sampleWorkspace.ts';
import { findHost } from '../../tools/vscodeHost/install.ts';
import { startServer } from '../vscode/host/codeServer.ts';
import { findChromium, openWorkbench, startBrowser } from '../vscode/host/workbench.ts';
import { installVsix, packageVsix } from './install.ts';

const root = path.resolve(import.meta.dirname, '../..');
/** A hang alone takes so long: npm answers from its cache or the registry. */
const PACKAGE_MILLISECONDS = 10 * 60_000;

/** A VS Code with the VSIX as it ships, opened in a folder of 500 images. */
export interface Tour {
  readonly sample: Sample;
  readonly page: Page;
  /** A picture of what the user sees, for people to look at. */
  screenshot(name: string): Promise<void>;
}

export interface TourOptions {
  /** Names the folder in build/screenshots. */
  readonly name: string;
  /** Screenshots that the README and the walkthrough show; written with ASSETLENS_MEDIA=1. */
  readonly media?: readonly string[];
  /** Adds to the sample before it is opened. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** The environment that the editor is started in, besides our own. Asked in a hook of mocha's, after those that come before. */
  readonly environment?: () => Record<string, string>;
  /** Of the user. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Whether a folder has to be trusted first. */
  readonly asksForTrust?: boolean;
  /** Told of the page before the workbench is asked to do anything. */
  readonly watch?: (page: Page) => void;
}

/**
 * Registers the hooks of a describe that goes through a real VS Code: packs the VSIX (once in a process, and not where
 * ASSETLENS_VSIX names one), installs it, opens the sample, and fails a test that left an error on the screen. Where there is no
 * editor the tests are skipped, and with ASSETLENS_REQUIRE_EDITOR=1 they fail.
 */
export function startTour({
  name,
  media = [],
  prepare,
  environment,
  settings,
  asksForTrust,
  watch,
}: TourOptions): () => Tour {
  let tour: Tour | undefined;
  const cleanups: (() => PromiseLike<unknown>)[] = [];

  before(async function () {
    const host = findHost();
    const chromium = findChromium();
    if (!host || chromium === null) {
      const message = 'NO EDITOR: the VSIX was not tried out. Install chromium and run `npm run vscode:host`.';
      if (process.env['ASSETLENS_REQUIRE_EDITOR'] === '1') throw new Error(message);
      process.stdout.write(`${message}\n`);
      this.skip();
    }
    this.timeout(PACKAGE_MILLISECONDS);
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
    const page = await openWorkbench(browser, server, { folder: sample.folder });
    watch?.(page);
    let shots = 0;
    const screenshot = async (what: string): Promise<void> => {
      shots++;
      await page.waitForTimeout(600); // boxes fade in
      const picture = await page.screenshot();
      await writeFile(path.join(screenshots, `${String(shots).padStart(2, '0')}-${what}.png`), picture);
      if (process.env['ASSETLENS_MEDIA'] !== '1' || !media.includes(what)) return;
      const file = path.join(root, 'media', `${what}.png`);
      await sharp(picture).png({ palette: true }).toFile(file);
    };
    tour = { sample, page, screenshot };
  });

  afterEach(async function () {
    if (!tour) return;
    if (this.currentTest?.state === 'failed') await tour.screenshot('failed');
    assert.equal(await tour.page.locator('.notification-toast .codicon-error').count(), 0, 'an error is shown');
  });

  after(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup();
  });

  return () => {
    assert.ok(tour, 'the tour has not begun');
    return tour;
  };
}

/** The name that its set gave a picture, found by a text that tells the file's name and its folder. */
export function nameOf(sample: Sample, text: string): string {
  const entry = [...sample.names].find(
    ([file]) => text.includes(path.posix.basename(file)) && text.includes(path.posix.dirname(file)),
  );
  return entry?.[1] ?? '';
}
